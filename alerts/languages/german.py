"""German, with »du«."""

from typing import Final

from alerts.sentences import Language

GERMAN: Final = Language(
    code="de",
    name="Deutsch",
    plural=lambda n: "one" if n == 1 else "other",
    templates={
        "duration.seconds": "{s} s",
        "duration.minutes": "{min} min",
        "duration.hours": "{h} h",
        "duration.hours_minutes": "{h} h {min}",
        "place.upper_back": "oberer Rücken",
        "place.sternum": "Brustbein",
        "place.waist": "Taille",
        "place.lower_back": "unterer Rücken",
        "place.thigh": "Oberschenkel",
        "place.wrist": "Handgelenk",
        "place.head": "Kopf",
        "place.seat": "Sitz",
        "sitting.minutes": {
            "one": (
                "Du sitzt seit {sat:duration}. Mit einer Minute auf den Beinen beginnt eine Pause."
            ),
            "other": "Du sitzt seit {sat:duration}. Mit {n} min auf den Beinen beginnt eine Pause.",
        },
        "sitting.seconds": (
            "Du sitzt seit {sat:duration}. Mit {n} s auf den Beinen beginnt eine Pause."
        ),
        "sitting.since_break": (
            "Du hast seit deiner letzten vollen Pause {sat:duration} gesessen. "
            "Nach {full:duration} auf den Beinen zählt die Uhr von vorn."
        ),
        "slouch.forward": (
            "Du warst {lasted:duration} lang {lean:whole} Grad weiter vorn als in deiner "
            "aufrechten Haltung."
        ),
        "slouch.back": (
            "Du warst {lasted:duration} lang {lean:whole} Grad weiter hinten als in deiner "
            "aufrechten Haltung."
        ),
        "slouch.unknown": (
            "Du warst {lasted:duration} lang weiter geneigt, als du es dir vorgenommen hast."
        ),
        "slouching.forward": (
            "Du bist seit {lasted:duration} geneigt, jetzt {lean:whole} Grad weiter vorn als in "
            "deiner aufrechten Haltung."
        ),
        "slouching.back": (
            "Du bist seit {lasted:duration} geneigt, jetzt {lean:whole} Grad weiter hinten als in "
            "deiner aufrechten Haltung."
        ),
        "slouching.unknown": (
            "Du bist seit {lasted:duration} weiter geneigt, als du es dir vorgenommen hast."
        ),
        "shift": (
            "Du sitzt seit {still:duration} unverändert. "
            "Jede andere Art zu sitzen ist ein Wechsel, und Aufstehen auch."
        ),
        "held_bend": (
            "Du hältst seit {lasted:duration} eine Beugung von {lean:whole} Grad. "
            "Komm kurz hoch, oder ändere sie."
        ),
        "side_bend.left": (
            "Seit {lasted:duration} beugst du dich immer wieder oder dauernd nach links, "
            "um bis zu {side:whole} Grad."
        ),
        "side_bend.right": (
            "Seit {lasted:duration} beugst du dich immer wieder oder dauernd nach rechts, "
            "um bis zu {side:whole} Grad."
        ),
        "twist.left": (
            "Seit {lasted:duration} drehst du dich immer wieder oder dauernd nach links, "
            "um bis zu {twist:whole} Grad."
        ),
        "twist.right": (
            "Seit {lasted:duration} drehst du dich immer wieder oder dauernd nach rechts, "
            "um bis zu {twist:whole} Grad."
        ),
        "little_movement": (
            "Du warst heute {upright:duration} auf den Beinen. "
            "Ein paar Minuten im Stehen oder Gehen kommen dazu."
        ),
        "goal.upright": ("Du warst heute {goal:duration} auf den Beinen: Dein Ziel ist erreicht."),
        "goal.shifts": (
            "Du hast heute {rate:down}-mal in der Stunde deine Haltung gewechselt, während du "
            "saßest: Dein Ziel ist erreicht."
        ),
        "calibration_stale.at": (
            "Der Sensor ({place:place}) scheint verrutscht zu sein, darum lassen sich seine Winkel "
            "nicht beurteilen. Setz ihn wieder an seinen Platz, oder kalibriere ihn neu."
        ),
        "calibration_stale.somewhere": (
            "Ein Sensor scheint verrutscht zu sein, darum lassen sich seine Winkel nicht "
            "beurteilen. Setz ihn wieder an seinen Platz, oder kalibriere ihn neu."
        ),
        "not_worn": (
            "{names}: zu hören, aber seit {off:duration} nicht getragen. Sitzt alles an seinem Platz?"
        ),
        "low_battery": "Der Akku von {name} ({place:place}) hat noch {percent:down} %.",
        "sensor_lost": (
            "{name} ({place:place}) ist seit {silent:duration} nicht zu hören. "
            "Ist der Sensor geladen, eingeschaltet und in der Nähe?"
        ),
        "title.sitting": "Eine Pause?",
        "title.slouch": "Deine Haltung",
        "title.low_battery": "Akku schwach",
        "title.sensor_lost": "Sensor nicht zu hören",
        "title.shift": "Anders sitzen?",
        "title.held_bend": "Gehaltene Beugung",
        "title.side_bend": "Zur Seite geneigt",
        "title.twist": "Verdreht",
        "title.little_movement": "Heute bisher",
        "title.goal": "Ziel erreicht",
        "title.calibration_stale": "Kalibrierung",
        "title.not_worn": "Nicht getragen",
        "title.other": "Sitwell",
        "title.test": "Sitwell: ein Test",
        "test": "So erreicht dich hier ein Hinweis.",
        "why.s": "Gemessen {value:duration}, Grenze {limit:duration}.",
        "why.deg": "Gemessen {value:whole} Grad, Grenze {limit:whole} Grad.",
        "why.percent": "Gemessen {value:down} %, Grenze {limit:whole} %.",
        "why.other": "Gemessen {value:whole}, Grenze {limit:whole}.",
        "why.lasted": "Seit {lasted:duration} darüber hinaus.",
        "why.place": "Sensor: {place:place}.",
        "why.certain": "Sicher: {percent:down} %.",
        "action.snooze": "In {n} min",
        "action.not_now": "Jetzt nicht",
        "action.fine": "Das war in Ordnung",
        "home.posture": "Haltung",
        "home.lean": "Neigung",
        "home.sitting": "Sitzzeit",
        "home.alert": "Hinweis",
        "home.snooze": "Später",
    },
)
