"""German: why an episode is one (analysis/episode_rules.py, analysis/explain.py)."""

from collections.abc import Mapping
from typing import Final

EPISODES: Final[Mapping[str, str]] = {
    "The limits of then were not kept.": "Die Grenzen von damals wurden nicht aufbewahrt.",
    "the mean confidence of its seconds": "die mittlere Sicherheit der Sekunden",
    "how far the mean is beyond the limit, against the errors of reference and sensor": (
        "wie weit das Mittel jenseits der Grenze ist, gegen die Fehler von Kalibrierung und Sensor"
    ),
    "You have sat for {time}.": "Du sitzt seit {time}.",
    "You sat for {time}.": "Du hast {time} gesessen.",
    "{dwell} of sitting open a sit, which then counts from where it began; {pause} on your feet or lying "
    "end it where they began. Less than that does not.": (
        "Nach {dwell} Sitzen beginnt ein Sitzen, das dann von seinem Anfang an zählt; {pause} auf den Beinen "
        "oder im Liegen beenden es dort, wo sie begannen. Weniger nicht."
    ),
    "You have been on your feet for {time}.": "Du bist seit {time} auf den Beinen.",
    "You were on your feet for {time}.": "Du warst {time} auf den Beinen.",
    "{time} upright are a break.": "{time} aufrecht sind eine Pause.",
    "{time} upright are a break; a full break: the sitting clock starts again.": (
        "{time} aufrecht sind eine Pause; eine volle Pause: Die Sitzuhr beginnt von vorn."
    ),
    "{time} upright are a break; the sitting clock paused.": (
        "{time} aufrecht sind eine Pause; die Sitzuhr hielt an."
    ),
    "You leaned {lean} forward of your upright for {time}.": (
        "Du warst {time} lang {lean} weiter vorn als in deiner aufrechten Haltung."
    ),
    "Leaning over {entry} for {delay} while sitting still counts, from where it began; under {leave} for "
    "{exit} ends it.": (
        "Im ruhigen Sitzen {delay} lang über {entry} geneigt zu sein zählt, von seinem Anfang an; {exit} "
        "lang unter {leave} beendet es."
    ),
    "Nothing has been worn for {time}.": "Seit {time} wird nichts getragen.",
    "Nothing was worn for {time}.": "{time} lang wurde nichts getragen.",
    "The sensor varied by less than {sd}, as no body does, for {long}; or for {flat} in a position nobody "
    "holds, or laid down after being handled; or it said that it was being charged. It counts from when it "
    "came to rest.": (
        "Der Sensor schwankte {long} lang um weniger als {sd}, wie kein Körper; oder {flat} lang in einer "
        "Lage, die niemand hält, oder abgelegt nach einem Griff; oder er sagte, dass er geladen "
        "wird. Es zählt, seit er zur Ruhe kam."
    ),
    "our own judgement of this rule, the same for every such time": (
        "unser eigenes Urteil über diese Regel, für jede solche Zeit dasselbe"
    ),
    "You stood up.": "Du bist aufgestanden.",
    "You changed how you sit by {angle}.": "Du hast um {angle} geändert, wie du sitzt.",
    "A change of more than {limit}, or standing up, that holds for {hold} is a shift.": (
        "Eine Änderung um mehr als {limit}, oder Aufstehen, ist ein Wechsel, wenn sie {hold} hält."
    ),
    "how far the change is beyond the limit, against the sensor's error": (
        "wie weit die Änderung jenseits der Grenze ist, gegen den Fehler des Sensors"
    ),
    "You bent forward to {peak}.": "Du hast dich vorgebeugt, bis {peak}.",
    "You bent forward to {peak}, {uneven}.": "Du hast dich vorgebeugt, bis {peak}, {uneven}.",
    "You bent forward to {peak}, {side} and {turn}.": (
        "Du hast dich vorgebeugt, bis {peak}, {side} und {turn}."
    ),
    "leaning more than {angle} to a side": "mehr als {angle} zur Seite geneigt",
    "turning by more than {angle}": "um mehr als {angle} gewendet",
    "A trunk over {limit} for {least} and more, until it is under {leave}, is a bend; bends less than "
    "{merge} apart are one, and within {apart} of standing up or sitting down it is part of that. What you "
    "lifted, if anything, cannot be seen.": (
        "Ein Rumpf über {limit}, {least} lang und mehr, bis er unter {leave} ist, ist eine Beugung; "
        "Beugungen mit weniger als {merge} dazwischen sind eine, und binnen {apart} um ein Aufstehen oder "
        "Hinsetzen gehört es dazu. Was du gehoben hast, wenn überhaupt, ist nicht zu sehen."
    ),
    "From the upper trunk alone a bow for a chair looks the same; a sensor on the thigh would tell them "
    "apart.": (
        "Vom Oberkörper allein sieht das Vorbeugen zu einem Stuhl genauso aus; ein Sensor am Oberschenkel "
        "würde beides unterscheiden."
    ),
    "how far the bend is beyond the limit, against the errors of reference and sensor": (
        "wie weit die Beugung jenseits der Grenze ist, gegen die Fehler von Kalibrierung und Sensor"
    ),
    "{sure}, and {most} at the most, since it may have been a bow for a chair": (
        "{sure}, und höchstens {most}, da es das Vorbeugen zu einem Stuhl gewesen sein kann"
    ),
    "You held a bend of {lean} for {time}, longer than the {limit} of ISO 11226 for that lean.": (
        "Du hast {time} lang eine Beugung von {lean} gehalten, länger als die {limit} von ISO 11226 für "
        "diese Neigung."
    ),
    "You held a bend of {lean} for {time}, not longer than the {limit} of ISO 11226 for that lean.": (
        "Du hast {time} lang eine Beugung von {lean} gehalten, nicht länger als die {limit} von ISO 11226 "
        "für diese Neigung."
    ),
    "A trunk over {bend} forward that stays within {change} for {hold} is held. The time falls in a "
    "straight line from {most} at {bend} to {least} at {steep}.": (
        "Ein Rumpf über {bend} vorn, der {hold} lang innerhalb von {change} bleibt, ist gehalten. Die Zeit "
        "fällt geradlinig von {most} bei {bend} auf {least} bei {steep}."
    ),
    "You leaned to the {side}, {angle} on average while aside, within {time}.": (
        "Du hast dich nach {side} geneigt, im Mittel {angle}, solange du zur Seite warst, binnen {time}."
    ),
    "Over {limit} to a side for {hold}, or {n} times within a minute, counts; under {leave} one is back.": (
        "Über {limit} zu einer Seite, {hold} lang oder {n}-mal in einer Minute, zählt; unter {leave} ist man "
        "zurück."
    ),
    "Your trunk was turned to the {side} against the pelvis, {angle} on average while turned, within "
    "{time}.": (
        "Dein Rumpf war gegen das Becken nach {side} gedreht, im Mittel {angle}, solange er gedreht war, "
        "binnen {time}."
    ),
    "Over {limit} for {hold}, or over {often} {n} times within a minute, counts; under {leave} one is back. "
    "The zero is the median of {zero}.": (
        "Über {limit}, {hold} lang, oder {n}-mal in einer Minute über {often}, zählt; unter {leave} ist man "
        "zurück. Die Null ist der Median von {zero}."
    ),
    "how far the furthest twist is beyond the limit, against the error of two gyroscopes": (
        "wie weit die weiteste Drehung jenseits der Grenze ist, gegen den Fehler zweier Gyroskope"
    ),
    "Your trunk turned {angle} to the {side} and faced there for {time}.": (
        "Dein Rumpf hat sich um {angle} nach {side} gewendet und blieb {time} dorthin gewandt."
    ),
    "More than {limit} from where it mostly faced in the last {time} is a turn, unless you walk. One sensor "
    "cannot tell a twist of the trunk from turning with the chair: a second one at the belt or the seat "
    "can.": (
        "Mehr als {limit} davon weg, wohin er in den letzten {time} meist gewandt war, ist eine Wendung, "
        "außer du gehst. Ein Sensor kann eine Drehung des Rumpfes nicht vom Drehen mit dem Stuhl "
        "unterscheiden: Ein zweiter am Gürtel oder am Sitz kann es."
    ),
    "how far the turn is beyond the limit, against the gyroscope's drift": (
        "wie weit die Wendung jenseits der Grenze ist, gegen die Drift des Gyroskops"
    ),
    "It ends where the data ended, not where you did: how long it really lasted is not known.": (
        "Es endet, wo die Daten endeten, nicht wo du es getan hast: Wie lange es wirklich dauerte, ist nicht "
        "bekannt."
    ),
    "{setting} from {before} to {after}": "{setting} von {before} auf {after}",
    "the sensors or their calibration": "die Sensoren oder ihre Kalibrierung",
    "the rules, {before} to {after}": "die Regeln, {before} auf {after}",
    "While it went on, at {time}, this changed: {changes}. What is shown is what held when it began.": (
        "Währenddessen, um {time}, änderte sich dies: {changes}. Gezeigt ist, was galt, als es begann."
    ),
}
