// @ts-check
/** German: the way to the other pages. */

/** @type {Record<string, string>} */
export const words = {
  "What you wear, its battery and link; pair, calibrate, let it show itself.": "Was du trägst, Akku und Verbindung; koppeln, kalibrieren, sich zeigen lassen.",
  "When and how Sitwell speaks to you, and why the limits are what they are.": "Wann und wie Sitwell mit dir spricht, und warum die Grenzen so liegen.",
  "Who may ask this service, and how others get in.": "Wer diesen Dienst fragen darf, und wie andere hineinkommen.",
  "Take everything with you, or have it erased.": "Alles mitnehmen oder löschen lassen.",
  "Version, licences, and what Sitwell is not.": "Version, Lizenzen, und was Sitwell nicht ist.",
  "Language of this page, in this browser": "Sprache dieser Seite, in diesem Browser",
  "The wearer's, as alerts are said": "Die der Person, wie bei den Hinweisen",
};
