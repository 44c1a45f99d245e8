"""The made-up retailer itself.

Every name here is invented. Item numbers are from the range GS1 keeps for use inside a company (prefix 20 to 29), so none
of them belongs to a real product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.model import NegativeStockRule, Role, ScopeKind
from stock.model import LotTracking
from stock.units import Unit


@dataclass(frozen=True, slots=True)
class SampleStore:
    """A store of the sample."""

    code: str
    area: str
    name_zh: str
    name_en: str
    negative_stock: NegativeStockRule = NegativeStockRule.REFUSE


@dataclass(frozen=True, slots=True)
class SampleSku:
    """A SKU of the sample. `opening` is what each shop starts with, `price` its price in HKD cents."""

    code: str
    name_zh: str
    name_en: str
    unit: Unit
    price: int
    opening: int
    lot_tracking: LotTracking = LotTracking.NONE
    scale: int = 0
    shelf_days: int = 0


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A person of the sample, and where the role applies."""

    name: str
    role: Role
    scope: ScopeKind | None = None
    target: str = ""


AREAS: Final = (
    ("HKI", "港島區", "Hong Kong Island"),
    ("KLN", "九龍區", "Kowloon"),
    ("NT", "新界區", "New Territories"),
)

WAREHOUSE: Final = "KC01"
ONLINE: Final = "WEB1"

STORES: Final = (
    SampleStore("CWB1", "HKI", "銅鑼灣店", "Causeway Bay"),
    SampleStore("CTR1", "HKI", "中環店", "Central"),
    SampleStore("MK01", "KLN", "旺角店", "Mong Kok"),
    SampleStore("TST1", "KLN", "尖沙咀店", "Tsim Sha Tsui"),
    SampleStore("ST01", "NT", "沙田店", "Sha Tin"),
    SampleStore("TW01", "NT", "荃灣店", "Tsuen Wan"),
    SampleStore(WAREHOUSE, "NT", "葵涌貨倉", "Kwai Chung warehouse"),
    SampleStore(ONLINE, "NT", "網上商店", "Online shop", NegativeStockRule.ALLOW),
)

_LOT: Final = LotTracking.REQUIRED

SKUS: Final = (
    SampleSku("TEA-LEMON-250", "檸檬茶 250毫升", "Lemon tea 250 ml", Unit.PACK, 550, 96, _LOT, shelf_days=240),
    SampleSku("TEA-CHRYS-250", "菊花茶 250毫升", "Chrysanthemum tea 250 ml", Unit.PACK, 550, 96, _LOT, shelf_days=240),
    SampleSku("TEA-HERBAL-500", "涼茶 500毫升", "Herbal tea 500 ml", Unit.BOTTLE, 1250, 48, _LOT, shelf_days=180),
    SampleSku("SOY-MILK-1L", "豆漿 1公升", "Soy milk 1 l", Unit.CARTON, 1890, 40, _LOT, shelf_days=21),
    SampleSku("MILK-FRESH-946", "鮮奶 946毫升", "Fresh milk 946 ml", Unit.CARTON, 2490, 36, _LOT, shelf_days=14),
    SampleSku("TOFU-SOFT-300", "滑豆腐 300克", "Soft tofu 300 g", Unit.BOX, 890, 30, _LOT, shelf_days=10),
    SampleSku("EGG-10", "雞蛋 十隻裝", "Eggs, ten", Unit.BOX, 2290, 40, _LOT, shelf_days=28),
    SampleSku("RICE-JAS-5", "泰國香米 5公斤", "Jasmine rice 5 kg", Unit.BAG, 7990, 24),
    SampleSku("NOODLE-INST", "即食麵 麻油味", "Instant noodles, sesame oil", Unit.PACK, 480, 120, _LOT, shelf_days=180),
    SampleSku("NOODLE-RICE-400", "米粉 400克", "Rice vermicelli 400 g", Unit.PACK, 1350, 60),
    SampleSku("OYSTER-510", "蠔油 510克", "Oyster sauce 510 g", Unit.BOTTLE, 2690, 36),
    SampleSku("SOY-SAUCE-500", "生抽 500毫升", "Light soy sauce 500 ml", Unit.BOTTLE, 1590, 48),
    SampleSku("DARK-SOY-500", "老抽 500毫升", "Dark soy sauce 500 ml", Unit.BOTTLE, 1690, 36),
    SampleSku("CHILI-SAUCE", "辣椒醬 226克", "Chilli sauce 226 g", Unit.BOTTLE, 1990, 30),
    SampleSku("OIL-PEANUT-900", "花生油 900毫升", "Peanut oil 900 ml", Unit.BOTTLE, 4590, 24),
    SampleSku("SAUSAGE-LAP", "臘腸", "Chinese sausage", Unit.KILOGRAM, 18800, 8, scale=3),
    SampleSku("SHRIMP-DRIED", "蝦米", "Dried shrimp", Unit.KILOGRAM, 32000, 5, scale=3),
    SampleSku("MUSHROOM-DRIED", "冬菇", "Dried mushrooms", Unit.KILOGRAM, 26000, 6, scale=3),
    SampleSku("GINSENG-SLICE", "花旗參片", "American ginseng slices", Unit.TAEL, 9800, 20, scale=2),
    SampleSku("BIRD-NEST-70", "即食燕窩 70克", "Bird's nest drink 70 g", Unit.BOTTLE, 12800, 12, _LOT, shelf_days=540),
    SampleSku("FISHBALL-300", "魚蛋 300克", "Fish balls 300 g", Unit.BAG, 2280, 30, _LOT, shelf_days=45),
    SampleSku("SIUMAI-12", "燒賣 十二粒裝", "Siu mai, twelve", Unit.BAG, 2680, 30, _LOT, shelf_days=60),
    SampleSku("DUMPLING-15", "菜肉餃子 十五隻裝", "Dumplings, fifteen", Unit.BAG, 3280, 24, _LOT, shelf_days=90),
    SampleSku("BREAD-MILK", "鮮奶麵包", "Milk bread", Unit.PACK, 1490, 20, _LOT, shelf_days=5),
    SampleSku("EGGROLL-TIN", "蛋卷 罐裝", "Egg rolls in a tin", Unit.CAN, 8800, 18),
    SampleSku("MOONCAKE-4", "雙黃白蓮蓉月餅 四個裝", "Mooncakes, four", Unit.BOX, 28800, 10, _LOT, shelf_days=60),
    SampleSku("TISSUE-10", "盒裝紙巾 五盒裝", "Facial tissues, five boxes", Unit.PACK, 2590, 48),
    SampleSku("DETERG-2L", "洗衣液 2公升", "Laundry liquid 2 l", Unit.BOTTLE, 4990, 20),
    SampleSku("MASK-50", "外科口罩 五十個裝", "Surgical masks, fifty", Unit.BOX, 4900, 40, _LOT, shelf_days=900),
    SampleSku("UMBRELLA-FOLD", "摺傘", "Folding umbrella", Unit.PIECE, 9900, 15),
)

PEOPLE: Final = (
    SamplePerson("示範營運員", Role.OPERATOR),
    SamplePerson("示範分區經理", Role.AREA_MANAGER, ScopeKind.AREA, "KLN"),
    SamplePerson("示範店長", Role.STORE_MANAGER, ScopeKind.STORE, "MK01"),
    SamplePerson("示範店員", Role.STAFF, ScopeKind.STORE, "MK01"),
    SamplePerson("示範合規主任", Role.COMPLIANCE_OFFICER),
    SamplePerson("示範審計員", Role.AUDITOR),
)

CLIENT_LABEL: Final = "示範收銀機"


def gtin_of(position: int) -> str:
    """A GTIN-13 for use inside a company, with its check digit (GS1 General Specifications §7.9)."""
    digits = f"20{position:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
