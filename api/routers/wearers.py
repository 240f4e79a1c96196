"""Who is a wearer: listed, called otherwise, added, removed."""

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from alerts.effective import Origin as By
from api import models, views
from api.openapi import problems
from api.parts import Parts, PartsDep, PrincipalDep, WearerDep, read
from domain.errors import ConfigError
from domain.people import Wearer


class NewWearer(models.Wish):
    """One more person. Without a time zone it is this machine's."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,31}$", description="never changes")
    name: str = Field(min_length=1, max_length=64)
    timezone: str | None = Field(default=None, max_length=64, description="IANA name")


class WearerChange(models.Wish):
    """What is to change of a wearer: null takes it back, so that it is as the configuration says."""

    name: str | None = Field(default=None, min_length=1, max_length=64)
    timezone: str | None = Field(default=None, max_length=64, description="IANA name")


router = APIRouter(prefix="/wearers", tags=["wearers"])


@router.get("")
async def list_wearers(parts: PartsDep, principal: PrincipalDep) -> models.Wearers:
    """All wearers, or the one whom a token reaches; also those of whom only the past is there."""
    known = [each for each in await read(parts.store.wearers) if principal.reaches(each.id)]
    return models.Wearers(items=[_shown(parts, wearer) for wearer in known])


@router.get("/{wearer}", responses=problems(404))
async def get_wearer(parts: PartsDep, wearer: WearerDep) -> models.Wearer:
    """One wearer."""
    return _shown(parts, wearer)


@router.post("", status_code=201, responses=problems(409, 422))
async def add_wearer(parts: PartsDep, wish: NewWearer) -> models.Wearer:
    """One more wearer, from now on; they pair a sensor next."""
    zone = wish.timezone or parts.people.timezone
    try:
        added = await parts.people.add(Wearer(wish.id, wish.name, zone))
    except ConfigError as error:
        raise _pointed_at(error) from error
    return _shown(parts, added)


@router.patch("/{wearer}", responses=problems(404, 422))
async def change_wearer(parts: PartsDep, wearer: WearerDep, wish: WearerChange) -> models.Wearer:
    """Set what is given, take back what is null; what is left out stays. The file is not changed."""
    values = {name: getattr(wish, name) for name in wish.model_fields_set}
    try:
        return _shown(parts, await parts.people.change(wearer.id, values))
    except ConfigError as error:
        raise _pointed_at(error) from error


@router.delete("/{wearer}", status_code=204, responses=problems(404, 409))
async def remove_wearer(parts: PartsDep, wearer: WearerDep) -> None:
    """Somebody of whom there is nothing is no wearer any more, their tokens included."""
    await parts.people.remove(wearer.id)


def _shown(parts: Parts, wearer: Wearer) -> models.Wearer:
    origin, language = parts.people.origin(wearer.id), None
    if origin != "past":
        plain = parts.wishes.wished(wearer.id).effective
        if plain.origins["language"] is not By.DEFAULT:
            language = plain.settings.language
    return views.wearer_model(
        parts.service, wearer, language=language, own=parts.people.own(wearer.id), origin=origin
    )


def _pointed_at(error: ConfigError) -> RequestValidationError:
    place = ("body", error.path)
    return RequestValidationError([{"type": "value_error", "loc": place, "msg": error.problem}])
