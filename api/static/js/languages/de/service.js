// @ts-check
/** German: what the service says in English of its own, with `{name}` where a value stands. Tested against its code. */

/** @type {Record<string, string>} */
export const words = {
  "The trunk sensor seems to have moved: walking looks crooked. Please calibrate again; until then no slouch is judged.": "Der Sensor am Rumpf scheint verrutscht zu sein: Gehen sieht schief aus. Kalibriere ihn bitte neu; bis dahin wird keine Neigung beurteilt.",
  "Not calibrated: lean and slouch are not known.": "Nicht kalibriert: Neigung und geneigte Haltung sind nicht bekannt.",
  "Lean is measured from how you walk and bend, which is good to about {n} degrees. Hold yourself upright to calibrate; slouches are judged only then.": "Die Neigung wird daran gemessen, wie du gehst und dich beugst; das ist auf etwa {n} Grad genau. Halte dich zum Kalibrieren aufrecht; erst dann wird geneigte Haltung beurteilt.",
  "No sensor on the trunk: lean, slouch and lying are not known.": "Kein Sensor am Rumpf: Neigung, geneigte Haltung und Liegen sind nicht bekannt.",
  "Sitting is told from the pelvis' angle; a thigh sensor is surer.": "Sitzen wird am Winkel des Beckens erkannt; ein Sensor am Oberschenkel ist sicherer.",
  "One sensor on the upper trunk cannot tell sitting from standing for certain; a thigh sensor can.": "Ein Sensor am oberen Rumpf unterscheidet Sitzen und Stehen nicht sicher; einer am Oberschenkel kann es.",
  "{place} sensor: walk for a few seconds, or calibrate it, so that its position is known.": "Sensor ({place}): Geh ein paar Sekunden, oder kalibriere ihn, damit seine Lage bekannt ist.",
  "No gyroscope: lean is good to about 5 degrees in motion.": "Kein Gyroskop: Die Neigung ist in Bewegung auf etwa 5 Grad genau.",
  "No gyroscope on the trunk: twists and turns cannot be felt. A sensor with one on the upper back shows turns, and twists together with one at the belt or on the seat.": "Kein Gyroskop am Rumpf: Verdrehungen und Drehungen sind nicht zu spüren. Ein Sensor mit Gyroskop am oberen Rücken zeigt Drehungen, und Verdrehungen zusammen mit einem am Gürtel oder am Sitz.",
  "One gyroscope cannot tell a twist from turning with the chair: turns of the trunk are counted. A second sensor with a gyroscope {where} shows twists.": "Ein Gyroskop unterscheidet eine Verdrehung nicht vom Drehen mit dem Stuhl: Gezählt werden Drehungen des Rumpfes. Ein zweiter Sensor mit Gyroskop {where} zeigt Verdrehungen.",
  "on the upper back or breastbone": "am oberen Rücken oder Brustbein",
  "at the belt or on the seat": "am Gürtel oder am Sitz",
  "Steps cannot be counted with what is worn; a sensor on the body counts them.": "Schritte lassen sich mit dem, was du trägst, nicht zählen; ein Sensor am Körper zählt sie.",

  "{place} sensor: it sits about {n} degrees from where it was, so angles may be off by as much. Set it right, or calibrate again when it suits you.": "Sensor ({place}): Er sitzt etwa {n} Grad anders als zuvor, um so viel können Winkel falsch sein. Rück ihn zurecht, oder kalibriere neu, wenn es dir passt.",
  "{place} sensor: it sits about {n} degrees from where it was calibrated. Please calibrate again; until then no slouch is judged.": "Sensor ({place}): Er sitzt etwa {n} Grad anders als beim Kalibrieren. Kalibriere ihn bitte neu; bis dahin wird keine Neigung beurteilt.",
  "{place} sensor: it is upside down. Turn it round, or calibrate again; until then no slouch is judged.": "Sensor ({place}): Er steht auf dem Kopf. Dreh ihn um, oder kalibriere neu; bis dahin wird keine Neigung beurteilt.",
  "{place} sensor: its front is where its back was: you bend to what should be behind you. Turn it round, or calibrate again; until then no slouch is judged.": "Sensor ({place}): Vorn ist, wo hinten war: Du beugst dich dahin, was hinter dir sein sollte. Dreh ihn um, oder kalibriere neu; bis dahin wird keine Neigung beurteilt.",

  "{place} sensor: it shows far more or less than gravity while it is at rest, so its angles cannot be believed. Switch it off and on; if it stays so, it is faulty.": "Sensor ({place}): Er zeigt in Ruhe weit mehr oder weniger als die Schwerkraft, darum ist seinen Winkeln nicht zu glauben. Schalte ihn aus und ein; bleibt es so, ist er defekt.",
  "{place} sensor: one of its axes does not move with the others, so its angles cannot be believed. Switch it off and on; if it stays so, it is faulty.": "Sensor ({place}): Eine seiner Achsen bewegt sich nicht mit den anderen, darum ist seinen Winkeln nicht zu glauben. Schalte ihn aus und ein; bleibt es so, ist er defekt.",
  "{place} sensor: it sends the same value again and again. If it is not lying still on a table, switch it off and on.": "Sensor ({place}): Er sendet immer wieder denselben Wert. Liegt er nicht still auf einem Tisch, schalte ihn aus und ein.",
  "{place} sensor: one of its axes stays at the end of its range. Choose a larger range if it has one; else switch it off and on.": "Sensor ({place}): Eine seiner Achsen bleibt am Ende ihres Messbereichs. Wähle einen größeren, wenn er einen hat; sonst schalte ihn aus und ein.",
  "{place} sensor: most of what it sends are no possible values. Switch it off and on, and check its battery.": "Sensor ({place}): Das meiste, was er sendet, sind unmögliche Werte. Schalte ihn aus und ein, und prüfe seinen Akku.",
  "{place} sensor: it moves like a sensor on the thigh: it turns level whenever you stop walking and sit down. Check where it is worn, and choose that place in Sitwell.": "Sensor ({place}): Er bewegt sich wie einer am Oberschenkel: Er legt sich waagrecht, sooft du nach dem Gehen sitzt. Prüfe, wo er getragen wird, und wähle diese Stelle in Sitwell.",
  "{place} sensor: its gyroscope reads like radians per second, where degrees per second are wanted, so it is not used. Give its unit, or multiply by 57.3.": "Sensor ({place}): Sein Gyroskop sendet wohl Radiant je Sekunde statt Grad je Sekunde, darum wird es nicht benutzt. Gib seine Einheit an, oder nimm mal 57,3.",
  "{place} sensor: its gyroscope turns about other axes than its accelerometer shows, so it is not used. Check the order and the signs of its three columns, and that both sensors are in one case.": "Sensor ({place}): Sein Gyroskop dreht sich um andere Achsen, als sein Beschleunigungsmesser zeigt, darum wird es nicht benutzt. Prüfe Reihenfolge und Vorzeichen seiner drei Spalten, und ob beide in einem Gehäuse sind.",
  "Upper back": "oberer Rücken",
  "Sternum": "Brustbein",
  "Waist": "Taille",
  "Lower back": "unterer Rücken",
  "Thigh": "Oberschenkel",
  "Wrist": "Handgelenk",
  "Head": "Kopf",
  "Seat": "Sitz",

  "There is no Bluetooth adapter {names}. Plug it in, or name another.": "Den Bluetooth-Adapter {names} gibt es nicht. Steck ihn ein, oder nenne einen anderen.",
  "There is no Bluetooth adapter. Plug one in, or check its driver and the Bluetooth service.": "Es gibt keinen Bluetooth-Adapter. Steck einen ein, oder prüfe seinen Treiber und den Bluetooth-Dienst.",
  "The Bluetooth adapter cannot do Bluetooth Low Energy. Another adapter is needed.": "Der Bluetooth-Adapter kann kein Bluetooth Low Energy. Es braucht einen anderen.",
  "This program may not use Bluetooth. Allow it in the system's privacy settings.": "Dieses Programm darf Bluetooth nicht benutzen. Erlaube es in den Datenschutz-Einstellungen des Systems.",
  "There is no Bluetooth service on this machine (no D-Bus system bus, or no bluetoothd).": "Auf diesem Rechner läuft kein Bluetooth-Dienst (kein System-D-Bus, oder kein bluetoothd).",
  "Bluetooth is not available: {why}": "Bluetooth ist nicht verfügbar: {why}",

  "The store refuses to write: {why}. Everything is kept in memory until it does.": "Der Speicher lässt sich nicht schreiben: {why}. Bis dahin bleibt alles im Arbeitsspeicher.",
  "{n} s of frames are lost, because the store refused for longer than memory lasts.": "{n} s sind verloren, weil der Speicher länger nicht schrieb, als der Arbeitsspeicher reicht.",
  "No sensor is paired yet: the page finds, places and calibrates one, and so does `sitwell pair`.": "Noch ist kein Sensor gekoppelt: Die Seite findet einen, fragt nach seiner Stelle und kalibriert ihn; `sitwell pair` tut es auch.",
};
