"""Units in which stock is counted.

The list is closed: a unit is part of what a quantity means, and a SKU keeps its unit for ever. Catty and tael are lawful
for trade in Hong Kong (Weights and Measures Ordinance, Cap. 68).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from policies.model import Words


class Unit(StrEnum):
    """What one of a SKU is."""

    PIECE = "piece"
    PAIR = "pair"
    SET = "set"
    BOTTLE = "bottle"
    CAN = "can"
    BAG = "bag"
    BOX = "box"
    CARTON = "carton"
    PACK = "pack"
    TUBE = "tube"
    ROLL = "roll"
    SHEET = "sheet"
    GRAM = "gram"
    KILOGRAM = "kilogram"
    CATTY = "catty"
    TAEL = "tael"
    MILLILITRE = "millilitre"
    LITRE = "litre"
    CENTIMETRE = "centimetre"
    METRE = "metre"


UNITS: Final[dict[Unit, Words]] = {
    Unit.PIECE: Words("件", "piece"),
    Unit.PAIR: Words("對", "pair"),
    Unit.SET: Words("套", "set"),
    Unit.BOTTLE: Words("樽", "bottle"),
    Unit.CAN: Words("罐", "can"),
    Unit.BAG: Words("袋", "bag"),
    Unit.BOX: Words("盒", "box"),
    Unit.CARTON: Words("箱", "carton"),
    Unit.PACK: Words("包", "pack"),
    Unit.TUBE: Words("支", "tube"),
    Unit.ROLL: Words("卷", "roll"),
    Unit.SHEET: Words("張", "sheet"),
    Unit.GRAM: Words("克", "gram"),
    Unit.KILOGRAM: Words("公斤", "kilogram"),
    Unit.CATTY: Words("斤", "catty"),
    Unit.TAEL: Words("兩", "tael"),
    Unit.MILLILITRE: Words("毫升", "millilitre"),
    Unit.LITRE: Words("公升", "litre"),
    Unit.CENTIMETRE: Words("厘米", "centimetre"),
    Unit.METRE: Words("米", "metre"),
}
"""How each unit is called."""
