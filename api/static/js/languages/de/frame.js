// @ts-check
/** German: the frame of the page, Now, and what every page says. */

/** @type {Record<string, string>} */
export const words = {
  // the card of every chart (chart.js)
  "Table: {title}": "Tabelle: {title}",
  "Table": "Tabelle",
  "Save “{title}”": "„{title}“ sichern",
  "Save as {kind}": "Als {kind} sichern",
  "The drawing needs the chart library, which is not installed; the table has its figures.":
    "Zum Zeichnen fehlt die Diagramm-Bibliothek; die Zahlen stehen in der Tabelle.",
  "Reading your history.": "Dein Verlauf wird gelesen.",
  "You may not see this: {why}": "Das darfst du nicht sehen: {why}",
  "Try again": "Noch einmal versuchen",
  "The service is not answering. Nothing is lost; it is asked again when you like.":
    "Der Dienst antwortet nicht. Nichts ist verloren; er wird wieder gefragt, wann du magst.",
  "Simulated data": "Simulierte Daten",
  "Simulated data.": "Simulierte Daten.",
  "simulated": "simuliert",
  "unknown": "unbekannt",
};
