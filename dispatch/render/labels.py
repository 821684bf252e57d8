"""Words for the codes that stand in plans and tables, in the language in use."""

from __future__ import annotations

from dispatch.i18n import _
from dispatch.render.text import plain


def tier(code: str) -> str:
    """Name a tier of teams."""
    return {
        "main": _("main force"),
        "assault": _("assault force"),
        "specialist": _("specialist team"),
        "auxiliary": _("auxiliary team"),
    }.get(code, plain(code))


def control_level(code: str) -> str:
    """Name who may order a team out."""
    return {
        "province": _("under the province"),
        "city": _("under the city"),
        "county": _("under the county"),
    }.get(code, plain(code))


def mode(code: str) -> str:
    """Name a mode of transport."""
    return {"road": _("by road"), "rail": _("by rail"), "air": _("by air")}.get(code, plain(code))


def leg(code: str) -> str:
    """Name a kind of leg."""
    return {
        "mobilise": _("mobilise"),
        "load": _("load"),
        "drive": _("drive"),
        "ride": _("ride"),
        "fly": _("fly"),
        "wait": _("wait"),
        "transfer": _("transfer"),
    }.get(code, plain(code))


def road_class(code: str) -> str:
    """Name a class of roads."""
    return {
        "motorway": _("motorway"),
        "trunk": _("trunk road"),
        "primary": _("primary road"),
        "secondary": _("secondary road"),
    }.get(code, plain(code))


def team_kind(code: str) -> str:
    """Name a kind of team."""
    return {
        "fire_brigade": _("fire brigade"),
        "fire_detachment": _("fire detachment"),
        "mine_rescue": _("mine rescue team"),
        "hazmat": _("hazardous-chemical team"),
        "forest_fire": _("forest-fire team"),
        "earthquake": _("earthquake team"),
        "flood": _("flood team"),
        "medical": _("medical team"),
        "engineering": _("engineering team"),
        "communication": _("communication team"),
        "armed_police": _("armed police"),
        "military": _("military"),
        "social": _("social team"),
    }.get(code, plain(code))


def depot_kind(code: str) -> str:
    """Name a kind of depot."""
    return {
        "regional_center": _("regional rescue-supply center"),
        "provincial_storehouse": _("provincial storehouse"),
        "city_storehouse": _("city storehouse"),
        "county_storehouse": _("county storehouse"),
    }.get(code, plain(code))


def airbase_kind(code: str) -> str:
    """Name a kind of airbase."""
    return {
        "airport": _("airport"),
        "general_aviation": _("general-aviation field"),
        "military": _("military airfield"),
        "landing_point": _("landing point"),
        "refuel_point": _("refuel point"),
    }.get(code, plain(code))


def level(code: str) -> str:
    """Name a response level."""
    return {
        "I": _("response level I (province, with the State)"),
        "II": _("response level II (province)"),
        "III": _("response level III (city)"),
        "IV": _("response level IV (county)"),
    }.get(code, plain(code))


def weather(code: str) -> str:
    """Name a weather."""
    names = {"clear": _("clear"), "rain": _("rain"), "snow": _("snow"), "fog": _("fog")}
    return names.get(code, code)


def effect(code: str) -> str:
    """Name what a closure does."""
    return {
        "closed": _("closed"),
        "slowed": _("slowed"),
        "limited": _("closed to heavy vehicles"),
    }.get(code, plain(code))


def reliability(code: str) -> str:
    """Name how sure it is."""
    return {
        "confirmed": _("confirmed"),
        "reported": _("reported"),
        "forecast": _("forecast"),
    }.get(code, plain(code))


def stage(code: str) -> str:
    """Name a stage of the optimisation."""
    return {
        "met_by_target": _("needs met by their target time"),
        "met": _("needs met at all"),
        "arrival": _("weighted arrival time"),
        "floors": _("teams missing from reserve floors"),
        "cost": _("cost, yuan"),
    }.get(code, plain(code))


def termination(code: str) -> str:
    """Name how a stage ended."""
    return {
        "optimal": _("proved optimal"),
        "time_limit": _("time limit"),
        "heuristic": _("not proved"),
    }.get(code, plain(code))
