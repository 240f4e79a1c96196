"""German, with »du«: the words of every template that explanations are made of."""

from typing import Final

from analysis.languages.german_episodes import EPISODES
from domain.said import Wording

_FIGURES = {
    "{n} deg": "{n} Grad",
    "{n} g": "{n} g",
    "{n} s": "{n} s",
    "{n} min": "{n} min",
    "{n} h": "{n} h",
    "{min} min {s} s": "{min} min {s} s",
    "{h} h {min} min": "{h} h {min} min",
    "an unknown amount": "ein unbekanntes Maß",
    "an unknown angle": "ein unbekannter Winkel",
    "an unknown time": "eine unbekannte Zeit",
    "an unknown share": "ein unbekannter Anteil",
    "over 99 %": "über 99 %",
    "under 1 %": "unter 1 %",
    "right": "rechts",
    "left": "links",
    "over {limit}": "über {limit}",
    "under {limit}": "unter {limit}",
    "within {band} of {limit}": "keine {band} neben {limit}",
    "its limit": "seiner Grenze",
    "at least {angle}": "mindestens {angle}",
    "at most {angle}": "höchstens {angle}",
    "{value} g, over {limit}": "{value} g, über {limit}",
    "at least {value} g, over {limit}": "mindestens {value} g, über {limit}",
}
_SECOND = {
    "What you did is not known.": "Was du getan hast, ist nicht bekannt.",
    "You were lying.": "Du hast gelegen.",
    "You were sitting.": "Du hast gesessen.",
    "You were standing.": "Du hast gestanden.",
    "You were moving.": "Du hast dich bewegt.",
    "Nothing was worn.": "Nichts wurde getragen.",
    "That is {p} certain.": "Das ist zu {p} sicher.",
    "For part of the second no samples came.": "Für einen Teil der Sekunde kamen keine Messwerte.",
    "Some samples were lost on the way.": "Einige Messwerte gingen unterwegs verloren.",
    "You were moving fast, so angles are less certain.": (
        "Du hast dich schnell bewegt, darum sind Winkel weniger sicher."
    ),
    "The movement was stronger than the sensor can show.": (
        "Die Bewegung war stärker, als der Sensor zeigen kann."
    ),
    "The sensor was not calibrated, so there are no angles against your upright.": (
        "Der Sensor war nicht kalibriert, darum gibt es keine Winkel gegen deine aufrechte Haltung."
    ),
    "The sensor seemed to have moved on you, so no slouch was judged.": (
        "Der Sensor schien an dir verrutscht zu sein, darum wurde keine Neigung beurteilt."
    ),
    "The sensor sent values that cannot be.": "Der Sensor sandte Werte, die es nicht geben kann.",
    "A sensor was faulty; what it said was not taken for posture.": (
        "Ein Sensor war gestört; was er sagte, wurde nicht als Haltung genommen."
    ),
    # what decided
    "What decided it was not kept.": "Was es entschied, wurde nicht aufbewahrt.",
    "the rule of then, which was not kept": "die Regel von damals, die nicht aufbewahrt wurde",
    "No rule could decide.": "Keine Regel konnte entscheiden.",
    "nothing: unknown has no confidence": "nichts: Unbekanntes hat keine Sicherheit",
    "worked back from the confidence that was kept": "aus der aufbewahrten Sicherheit zurückgerechnet",
    "at least; worked back from the confidence that was kept": (
        "mindestens; aus der aufbewahrten Sicherheit zurückgerechnet"
    ),
    "The thigh was {angle} from vertical; over {band} it is sitting or lying; no sensor on the trunk "
    "tells lying from sitting, so it counts as sitting.": (
        "Der Oberschenkel stand zur Senkrechten so: {angle}. Über {band} ist es Sitzen oder Liegen; kein "
        "Sensor am Rumpf unterscheidet beides, darum zählt es als Sitzen."
    ),
    "The thigh was {angle} from vertical; over {band} it is sitting or lying; and the trunk was not "
    "lying, so sitting.": (
        "Der Oberschenkel stand zur Senkrechten so: {angle}. Über {band} ist es Sitzen oder Liegen; der "
        "Rumpf lag nicht, also Sitzen."
    ),
    "The thigh was {angle} from vertical; over {band} it is sitting or lying; and no lying trunk was "
    "seen, so sitting.": (
        "Der Oberschenkel stand zur Senkrechten so: {angle}. Über {band} ist es Sitzen oder Liegen; ein "
        "liegender Rumpf war nicht zu sehen, also Sitzen."
    ),
    "The thigh was {angle} from vertical, under {band}, and moved less than walking does ({sd}), so "
    "standing.": (
        "Der Oberschenkel stand zur Senkrechten so: {angle}, unter {band}, und bewegte sich weniger als "
        "beim Gehen ({sd}), also Stehen."
    ),
    "The thigh shook by {amount} along the vertical, so moving.": (
        "Der Oberschenkel schwankte entlang der Senkrechten: {amount}, also Bewegung."
    ),
    "The thigh shook by {amount} along the vertical, so running.": (
        "Der Oberschenkel schwankte entlang der Senkrechten: {amount}, also Laufen."
    ),
    "The trunk is lying once it is over {enter} from upright, forward only after {time}, and until it is "
    "under {leave}.": (
        "Der Rumpf liegt, sobald er über {enter} aus dem Aufrechten ist, nach vorn erst nach {time}, und bis "
        "er unter {leave} ist."
    ),
    "It was {angle} from upright.": "Er war {angle} aus dem Aufrechten.",
    "It was at least {angle} from upright.": "Er war mindestens {angle} aus dem Aufrechten.",
    "A sensor on the upper trunk weighs how you move: sitting was {p} probable, and is shown from "
    "{shown} on.": (
        "Ein Sensor am Oberkörper wägt ab, wie du dich bewegst: Sitzen war zu {p} wahrscheinlich, und wird "
        "ab {shown} gezeigt."
    ),
    "A sensor on the upper trunk weighs how you move: being upright was {p} probable, and is shown from "
    "{shown} on.": (
        "Ein Sensor am Oberkörper wägt ab, wie du dich bewegst: Aufrechtsein war zu {p} wahrscheinlich, und "
        "wird ab {shown} gezeigt."
    ),
    "The trunk shook by more than {limit} along the vertical, as steps shake it.": (
        "Der Rumpf schwankte entlang der Senkrechten um mehr als {limit}, wie Schritte ihn bewegen."
    ),
    "The belt's angle was held against how you carry it while you walk: beyond {limit}, or a limit of your "
    "own from 8 to 16 deg once it is known, you sit; before the first walk, how you move decides. That made "
    "sitting {p} probable, so sitting.": (
        "Der Winkel des Gürtels wurde mit dem verglichen, wie du ihn beim Gehen trägst: Jenseits von "
        "{limit}, oder einer eigenen Grenze von 8 bis 16 Grad, sobald sie bekannt ist, sitzt du; vor dem "
        "ersten Gehen entscheidet, wie du dich bewegst. Damit war Sitzen zu {p} wahrscheinlich, also Sitzen."
    ),
    "The belt's angle was held against how you carry it while you walk: beyond {limit}, or a limit of your "
    "own from 8 to 16 deg once it is known, you sit; before the first walk, how you move decides. That made "
    "sitting {p} probable, so standing.": (
        "Der Winkel des Gürtels wurde mit dem verglichen, wie du ihn beim Gehen trägst: Jenseits von "
        "{limit}, oder einer eigenen Grenze von 8 bis 16 Grad, sobald sie bekannt ist, sitzt du; vor dem "
        "ersten Gehen entscheidet, wie du dich bewegst. Damit war Sitzen zu {p} wahrscheinlich, also Stehen."
    ),
    "The belt shook by more than {limit} along the vertical, as steps shake it, or by half of that while it "
    "swayed as slow steps do.": (
        "Der Gürtel schwankte entlang der Senkrechten um mehr als {limit}, wie Schritte ihn bewegen, oder um "
        "die Hälfte davon, während er pendelte wie bei langsamen Schritten."
    ),
    "The sensor lay still as no body does: it varied by less than {sd} for {long}, or for {flat} in a "
    "position nobody holds or laid down after being handled. Or it said that it was being charged.": (
        "Der Sensor lag still wie kein Körper: Er schwankte um weniger als {sd}, und das {long} lang, oder "
        "{flat} lang in einer Lage, die niemand hält, oder abgelegt nach einem Griff. Oder er sagte, dass er "
        "geladen wird."
    ),
    "Sitting was {p} probable: between {low} and {high} neither sitting nor standing is shown.": (
        "Sitzen war zu {p} wahrscheinlich: Zwischen {low} und {high} wird weder Sitzen noch Stehen gezeigt."
    ),
    # what the confidence is made of
    "how far the thigh was from the limit": "wie weit der Oberschenkel von der Grenze war",
    "the lesser of two: how far the thigh was from its limit, and its movement from that of walking": (
        "das Kleinere von zweien: wie weit der Oberschenkel von seiner Grenze war, und seine Bewegung von "
        "der des Gehens"
    ),
    "how far the movement was from the limit": "wie weit die Bewegung von der Grenze war",
    "how far the trunk was from where lying ends": (
        "wie weit der Rumpf davon weg war, wo Liegen aufhört"
    ),
    "the probability of sitting itself": "die Wahrscheinlichkeit des Sitzens selbst",
    "the probability of being upright": "die Wahrscheinlichkeit, aufrecht zu sein",
    "the probability of being upright: who walks does not sit": (
        "die Wahrscheinlichkeit, aufrecht zu sein: Wer geht, sitzt nicht"
    ),
    "the probability of sitting, which is how far the angle was from the limit": (
        "die Wahrscheinlichkeit des Sitzens, also wie weit der Winkel von der Grenze war"
    ),
    "our own judgement of this rule, the same for every such second": (
        "unser eigenes Urteil über diese Regel, für jede solche Sekunde dasselbe"
    ),
}
_ROWS = {
    "thigh from vertical": "Oberschenkel gegen die Senkrechte",
    "movement along the vertical": "Bewegung entlang der Senkrechten",
    "movement of each axis": "Bewegung jeder Achse",
    "range of the means": "Spanne der Mittelwerte",
    "trunk from upright": "Rumpf gegen das Aufrechte",
    "probability of sitting": "Wahrscheinlichkeit des Sitzens",
    "probability of sitting, mean": "Wahrscheinlichkeit des Sitzens, im Mittel",
    "lean, forward is positive": "Neigung, nach vorn positiv",
    "lean to the right": "Neigung nach rechts",
    "twist, left is positive": "Drehung, nach links positiv",
    "turning, left is positive": "Wendung, nach links positiv",
    "movement (MAD)": "Bewegung (MAD)",
    "movement (ENMO)": "Bewegung (ENMO)",
    "steps a minute": "Schritte in der Minute",
    "lean, mean": "Neigung, im Mittel",
    "lean, furthest": "Neigung, am weitesten",
    "how long": "wie lange",
    "dose": "Dosis",
    "time sat": "gesessene Zeit",
    "from start to end": "von Anfang bis Ende",
    "time upright": "Zeit auf den Beinen",
    "against a full break": "gegen eine volle Pause",
    "against the time for any position": "gegen die Zeit für jede Lage",
    "change of lean or side": "Änderung nach vorn oder zur Seite",
    "lean after it": "Neigung danach",
    "held for at least": "mindestens gehalten",
    "upright since": "aufrecht seit",
    "the posture before was kept for": "so lange hielt die Haltung davor",
    "to a side, mean": "zur Seite, im Mittel",
    "furthest, right is positive": "am weitesten, rechts positiv",
    "furthest, left is positive": "am weitesten, links positiv",
    "from first to last": "vom ersten bis zum letzten Mal",
    "twist, mean": "Drehung, im Mittel",
    "turned, left is positive": "gewendet, links positiv",
    "turned, either way": "gewendet, gleich wohin",
    "rate, mean": "Tempo, im Mittel",
    "turned in all": "insgesamt gewendet",
    # what is to be known of them
    "over; the figure itself is not kept": "darüber; die Zahl selbst wird nicht aufbewahrt",
    "under; the figure is not kept": "darunter; die Zahl wird nicht aufbewahrt",
    "under; likewise": "darunter; ebenso",
    "the figure itself is not kept": "die Zahl selbst wird nicht aufbewahrt",
    "no pose: how it sits was learnt from walking, or assumed": (
        "keine Pose: wie er sitzt, wurde beim Gehen gelernt oder angenommen"
    ),
    "no pose: its axis was learnt from your walking": (
        "keine Pose: seine Achse wurde aus deinem Gehen gelernt"
    ),
    "so close to the limit it stays as it was before": (
        "so nah an der Grenze bleibt es, wie es vorher war"
    ),
    "a slouch when it stays over it for {delay}": (
        "vorgeneigt, wenn es so lange darüber bleibt: {delay}"
    ),
    "the general limit: your own slouch was not known": (
        "die allgemeine Grenze: Wie du dich hängen lässt, war nicht bekannt"
    ),
    "the limit is kept to {entry}, whatever your own slouch": (
        "die Grenze bleibt bei {entry}, wie auch immer du dich hängen lässt"
    ),
    "the limit is {share} of your own slouch, {slouch}": (
        "die Grenze ist {share} davon, wie du dich hängen lässt, {slouch}"
    ),
    "the limit is of that mean lean": "die Grenze gilt für diese mittlere Neigung",
}
_UNKNOWN = {
    "It was measured before Sitwell kept what it goes by: the limits, sensors and calibrations of then are "
    "not known, and those of today are not put in their place.": (
        "Es wurde gemessen, bevor Sitwell aufbewahrte, wonach es geht: Die Grenzen, Sensoren und "
        "Kalibrierungen von damals sind nicht bekannt, und die von heute treten nicht an ihre Stelle."
    ),
    "A sensor was faulty then, so what it said was not taken for posture. Switch it off and on; if it stays "
    "so, wear another one.": (
        "Ein Sensor war da gestört, darum wurde nicht als Haltung genommen, was er sagte. Schalte ihn aus "
        "und ein; bleibt es so, trag einen anderen."
    ),
    "The sensor sent values that cannot be. If it goes on, charge it or try another one.": (
        "Der Sensor sandte Werte, die es nicht geben kann. Geht es so weiter, lade ihn oder nimm einen "
        "anderen."
    ),
    "No sensor was heard. It was out of range, switched off or empty; closer to the computer, or charged, "
    "it is heard again.": (
        "Kein Sensor war zu hören. Er war außer Reichweite, ausgeschaltet oder leer; näher am Rechner, oder "
        "geladen, ist er wieder zu hören."
    ),
    "From where the sensor is worn, posture cannot be seen. One on the thigh shows it.": (
        "Von dort, wo der Sensor getragen wird, ist Haltung nicht zu sehen. Einer am Oberschenkel zeigt sie."
    ),
    "Your trunk was so far forward that it could be a bend or lying on your front; that is told after "
    "{time}.": (
        "Dein Rumpf war so weit vorn, dass es eine Beugung oder Liegen auf dem Bauch sein kann; das "
        "entscheidet sich nach {time}."
    ),
    "A sensor on the trunk cannot tell sitting from standing by itself: it waits until you walk, get up or "
    "sit down. A second sensor on the thigh would tell at once.": (
        "Ein Sensor am Rumpf kann Sitzen und Stehen nicht von sich aus unterscheiden: Er wartet, bis du "
        "gehst, aufstehst oder dich setzt. Ein zweiter am Oberschenkel würde es sofort erkennen."
    ),
    "It is not known yet how the sensor sits on your thigh. Walk for a quarter of a minute, or calibrate "
    "it.": (
        "Noch ist nicht bekannt, wie der Sensor an deinem Oberschenkel sitzt. Geh eine Viertelminute, oder "
        "kalibriere ihn."
    ),
    "The sensors that were heard could not tell, or one of them seemed to be off your body. Both worn and "
    "heard, they can.": (
        "Die Sensoren, die zu hören waren, konnten es nicht erkennen, oder einer schien abgelegt. Beide "
        "getragen und gehört, können sie es."
    ),
    "How you leaned cannot be seen from there. A sensor on the upper back or the belt shows it.": (
        "Wie du geneigt warst, ist von dort nicht zu sehen. Ein Sensor am oberen Rücken oder am Gürtel zeigt "
        "es."
    ),
    "Where upright and forward are for you was not known. Hold yourself upright for ten seconds to "
    "calibrate the sensor; without that, walking and bending show it after a while.": (
        "Wo für dich aufrecht und vorn ist, war nicht bekannt. Halte dich zehn Sekunden aufrecht, um den "
        "Sensor zu kalibrieren; ohne das zeigen es Gehen und Beugen nach einer Weile."
    ),
    "The sensor that shows how you lean was not heard or not worn.": (
        "Der Sensor, der zeigt, wie du geneigt bist, war nicht zu hören oder nicht getragen."
    ),
    "So far forward, leaning to a side has no meaning.": (
        "So weit vorn hat eine Neigung zur Seite keinen Sinn."
    ),
    "Twisting takes two sensors with a gyroscope: one on the upper back or breastbone, one on the belt, the "
    "lower back or the seat.": (
        "Für Drehungen braucht es zwei Sensoren mit Gyroskop: einen am oberen Rücken oder Brustbein, einen "
        "am Gürtel, am unteren Rücken oder am Sitz."
    ),
    "Twisting takes a gyroscope in both sensors; one of them has none that is read.": (
        "Für Drehungen braucht es in beiden Sensoren ein Gyroskop; von einem wird keines gelesen."
    ),
    "The twist could not be followed then: both sensors must be heard for a while.": (
        "Die Drehung war da nicht zu verfolgen: Beide Sensoren müssen eine Weile zu hören sein."
    ),
    "Turning takes a gyroscope on the trunk: an accelerometer cannot feel it.": (
        "Für Wendungen braucht es ein Gyroskop am Rumpf: Ein Beschleunigungsmesser spürt sie nicht."
    ),
    "Turning could not be followed then.": "Die Wendung war da nicht zu verfolgen.",
    "This sensor tells directions alone, so how strongly you moved is not known.": (
        "Dieser Sensor sagt nur Richtungen, darum ist nicht bekannt, wie stark du dich bewegt hast."
    ),
    "How strongly you moved is not known: no usable sample was heard in that second.": (
        "Wie stark du dich bewegt hast, ist nicht bekannt: In dieser Sekunde kam kein brauchbarer Messwert."
    ),
    "No steps were made out: they are counted while you walk for some seconds.": (
        "Schritte waren nicht auszumachen: Sie werden gezählt, während du einige Sekunden gehst."
    ),
}

GERMAN: Final = Wording(
    code="de", decimal=",", templates={**_FIGURES, **_SECOND, **_ROWS, **EPISODES, **_UNKNOWN}
)
