// @ts-check
/** German: looking back. */

/** @type {Record<string, string>} */
export const words = {
  // the head
  "Length of time": "Zeitraum",
  "Day": "Tag",
  "Week": "Woche",
  "Month": "Monat",
  "Year": "Jahr",
  "All": "Alles",
  "All of it": "Alles",
  "Before": "Davor",
  "After": "Danach",
  "From": "Von",
  "To": "Bis",
  "Show": "Zeigen",
  "What is shown": "Was gezeigt wird",
  "Both days are wanted, from and to.": "Beide Tage werden gebraucht, von und bis.",
  "The last day lies before the first.": "Der letzte Tag liegt vor dem ersten.",
  "At most five years are shown at once.": "Höchstens fünf Jahre werden auf einmal gezeigt.",
  "This time is still to come.": "Diese Zeit kommt erst noch.",
  "Nothing was stored in this time.": "Aus dieser Zeit ist nichts gespeichert.",
  "Nothing was stored in this time. Days appear here once a sensor is worn.":
    "Aus dieser Zeit ist nichts gespeichert. Tage erscheinen hier, sobald du einen Sensor trägst.",
  "1 day is still being summed up and is not shown yet.": "1 Tag wird noch zusammengezählt und fehlt hier noch.",
  "{n} days are still being summed up and are not shown yet.": "{n} Tage werden noch zusammengezählt und fehlen hier noch.",

  // measures
  "Sitting a day": "Sitzen am Tag",
  "Longest time sitting": "Längstes Sitzen",
  "Longest sit": "Längstes Sitzen",
  "Breaks a day": "Pausen am Tag",
  "Leaning forward beyond your limit": "Über deine Grenze hinaus nach vorn geneigt",
  "Alerts": "Hinweise",
  "Alerts a day": "Hinweise am Tag",
  "h": "h",
  "min": "min",
  "count": "Anzahl",
  "1 day": "1 Tag",
  "{n} days": "{n} Tage",
  "1 break": "1 Pause",
  "{shown} breaks": "{shown} Pausen",
  "1 alert": "1 Hinweis",
  "{shown} alerts": "{shown} Hinweise",
  "You sat {value} a day on average.": "Du hast im Mittel {value} am Tag gesessen.",
  "Your longest time sitting was {value} on average.": "Dein längstes Sitzen dauerte im Mittel {value}.",
  "You took {value} a day on average.": "Du hast im Mittel am Tag {value} gemacht.",
  "You leaned forward beyond your limit for {value} a day on average.": "Du warst im Mittel {value} am Tag über deine Grenze hinaus nach vorn geneigt.",
  "There were {value} a day on average.": "Es gab im Mittel {value} am Tag.",

  // strips, fields of days
  "Days as strips": "Tage als Streifen",
  "Days as strips: up and down arrows lead from day to day, Enter opens a day":
    "Tage als Streifen: Die Pfeiltasten nach oben und unten führen von Tag zu Tag, die Eingabetaste öffnet einen Tag",
  "Each strip is a day from midnight to midnight; hatched is not worn, crossed out has no data.":
    "Jeder Streifen ist ein Tag von Mitternacht bis Mitternacht; schraffiert ist nicht getragen, durchkreuzt ohne Daten.",
  "Day by day": "Tag für Tag",
  "{title}: arrow keys lead from day to day, Enter opens a day": "{title}: Die Pfeiltasten führen von Tag zu Tag, die Eingabetaste öffnet einen Tag",
  "Most was on {day}: {value}.": "Am meisten war es am {day}: {value}.",
  "The darker a day, the more; hatched days have no data, outlined ones less than 4 h.":
    "Je kräftiger ein Tag, desto mehr; durchkreuzte Tage haben keine Daten, umrandete weniger als 4 h.",
  "{days} have 4 h or more that are known.": "Mindestens 4 h bekannt: {days}.",
  "On no day of this time were 4 h or more known.": "An keinem Tag dieser Zeit sind mindestens 4 h bekannt.",
  "{value}, of less than 4 h that are known": "{value}, aus weniger als 4 h, die bekannt sind",
  "Known, h": "Bekannt, h",
  "below {value} {unit}": "unter {value} {unit}",
  "from {value}": "ab {value}",
  "{value} and more": "{value} und mehr",

  // the trend
  "Trend": "Entwicklung",
  "Closer": "Näher",
  "Wider": "Weiter",
  "Zoom: + and −, wheel with Ctrl, two fingers": "Zoom: + und −, Mausrad mit Strg, zwei Finger",
  "A day": "Ein Tag",
  "Less than 4 h known, not counted": "Weniger als 4 h bekannt, nicht gezählt",
  "Mean of 7 days": "Mittel aus 7 Tagen",
  "Mean of 28 days": "Mittel aus 28 Tagen",
  "Mean of 7 days: {value}": "Mittel aus 7 Tagen: {value}",
  "Mean of 28 days: {value}": "Mittel aus 28 Tagen: {value}",
  "Your usual": "Für dich üblich",
  "Usual from": "Üblich ab",
  "Usual to": "Üblich bis",
  "Your usual: {from} to {to}": "Für dich üblich: {from} bis {to}",
  "On no day of this time were 4 h or more known, so there is nothing to compare.":
    "An keinem Tag dieser Zeit sind mindestens 4 h bekannt; es gibt nichts zu vergleichen.",
  "{n} day is counted, of which 4 h or more are known.": "Gezählt, weil mindestens 4 h bekannt sind: {n} Tag.",
  "{n} days are counted, of which 4 h or more are known.": "Gezählt, weil mindestens 4 h bekannt sind: {n} Tage.",
  "below what is usual for you": "unter dem, was für dich üblich ist",
  "above what is usual for you": "über dem, was für dich üblich ist",
  "within what is usual for you": "in dem, was für dich üblich ist",
  "The mean of the last 7 days is {value}, {where}: half of your days of the 90 before lie between {from} and {to} (the band).":
    "Das Mittel der letzten 7 Tage ist {value}, {where}: Die Hälfte deiner Tage aus den 90 davor liegt zwischen {from} und {to} (das Band).",
  "There is no band of your usual yet: it takes 14 days of the 90 before.":
    "Ein Band des für dich Üblichen gibt es noch nicht: Dafür braucht es 14 Tage aus den 90 davor.",

  // minute by minute
  "Minute by minute": "Minute für Minute",
  "In this time: {parts}.": "In dieser Zeit: {parts}.",
  "Lean is not known for this time.": "Die Neigung ist für diese Zeit nicht bekannt.",
  "The line is your lean, the band around it its range; it averages {deg}.":
    "Die Linie ist deine Neigung, das Band um sie ihr Bereich; im Mittel sind es {deg}.",
  "A step of it is {step}.": "Ein Schritt davon ist {step}.",
  "Lean {deg}": "Neigung {deg}",
  "Least": "Kleinste",
  "Most": "Größte",

  // hours of the week
  "Hours of the week": "Stunden der Woche",
  "Weekday": "Wochentag",
  "{weekday} from {hour} h": "{weekday} ab {hour} Uhr",
  "From {hour} to {next} h": "Von {hour} bis {next} Uhr",
  "Of the time in which your posture is known, you sat most on {most} ({share}) and least on {least} ({other}).":
    "Von der Zeit, in der deine Haltung bekannt ist, hast du am meisten gesessen: {most} ({share}), am wenigsten: {least} ({other}).",
  "The darker an hour, the more of it you sat; hours with less than 30 min known are crossed out.":
    "Je kräftiger eine Stunde, desto mehr davon hast du gesessen; Stunden, von denen weniger als 30 min bekannt sind, sind durchkreuzt.",
  "Sitting, share of what is known": "Sitzen, Anteil am Bekannten",
  "Slouching, min": "Geneigt, min",
  "Hardly known": "Kaum bekannt",
  "hardly known": "kaum bekannt",
  "{share} of {known}": "{share} von {known}",
  "Too little is known of this time for a map of the week.": "Von dieser Zeit ist zu wenig für eine Karte der Woche bekannt.",

  // loads
  "How far your trunk was bent or twisted": "Wie weit dein Rumpf gebeugt oder gedreht war",
  "How far your trunk was bent is not known of this time: it takes a reference pose, and is counted since this version.":
    "Wie weit dein Rumpf gebeugt war, ist aus dieser Zeit nicht bekannt: Es braucht eine Bezugshaltung und wird seit dieser Version gezählt.",
  "Your trunk was, of the time in which it is known: {told}. Each bar is the time at or beyond an angle.":
    "Dein Rumpf war, von der Zeit, in der es bekannt ist: {told}. Jeder Balken ist die Zeit ab einem Winkel.",
  "forward": "nach vorn",
  "to a side": "zur Seite",
  "twisted": "gedreht",
  "how far {axis} was not measured": "wie weit {axis}, wurde nicht gemessen",
  "{share} of {known} at {deg} deg or more {axis}": "{share} von {known} mindestens {deg} Grad {axis}",
  "{deg} deg {axis}": "{deg} Grad {axis}",
  "under 0.1 %": "unter 0,1 %",
  "At or beyond": "Ab",
  "Share": "Anteil",
  "Time": "Zeit",
  "Time, min": "Zeit, min",
  "Held bends, bends to the side, twists": "Gehaltene Beugen, Beugen zur Seite, Drehungen",
  "held bends": "gehaltene Beugen",
  "bends to the side": "Beugen zur Seite",
  "twists": "Drehungen",
  "1 held bend": "1 gehaltene Beuge",
  "1 bend to the side": "1 Beuge zur Seite",
  "1 twist": "1 Drehung",
  "{n} held bends": "{n} gehaltene Beugen",
  "{n} bends to the side": "{n} Beugen zur Seite",
  "{n} twists": "{n} Drehungen",
  "There were {said}. What no sensor that was worn could measure is not among them.":
    "Es gab {said}. Was kein getragener Sensor messen konnte, ist nicht dabei.",
  "Nothing was held or twisted for long in this time, as far as it was measured.":
    "Soweit gemessen wurde, war in dieser Zeit nichts lange gebeugt oder gedreht.",
  "No sensor that was worn could measure these.": "Kein getragener Sensor konnte das messen.",

  // alerts
  "What came of alerts": "Was auf Hinweise folgte",
  "No alert of this time asked for anything.": "Kein Hinweis aus dieser Zeit bat um etwas.",
  "1 alert asked for something:": "1 Hinweis bat um etwas:",
  "{n} alerts asked for something:": "{n} Hinweise baten um etwas:",
  "answered": "befolgt",
  "ended by itself": "von selbst vorbei",
  "Of those of which it is known, {share} were answered within 5 min.": "Von denen, bei denen es bekannt ist, wurden {share} in 5 min befolgt.",
  "Known whether answered": "Bekannt, ob befolgt",
  "Answered within 5 min": "In 5 min befolgt",

  // one time beside another
  "Compared with another time": "Im Vergleich mit einer anderen Zeit",
  "Compare with": "Vergleichen mit",
  "the time before": "der Zeit davor",
  "the same time a year before": "derselben Zeit ein Jahr davor",
  "a time of your choice": "einer Zeit deiner Wahl",
  "First day of the other time": "Erster Tag der anderen Zeit",
  "Choose the first day of the other time.": "Wähle den ersten Tag der anderen Zeit.",
  "Too little was worn to compare.": "Es wurde zu wenig getragen, um zu vergleichen.",
  "{title}: {days} with 4 h or more, {known} known in all": "{title}: mindestens 4 h an {days}, zusammen {known} bekannt",
  "Means of a day, of days of which 4 h or more are known.": "Mittel eines Tages, aus Tagen, von denen mindestens 4 h bekannt sind.",
  "Difference": "Unterschied",
  "Unit": "Einheit",
  "about the same": "etwa gleich",
  "{by} more in the first": "{by} mehr im ersten",
  "{by} less in the first": "{by} weniger im ersten",
};
