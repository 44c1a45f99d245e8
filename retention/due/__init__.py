"""The due list: what everything was judged to be when it was last looked at."""

from retention.due.model import Item, Page, Wanted
from retention.due.store import read_page, replace_items

__all__ = ["Item", "Page", "Wanted", "read_page", "replace_items"]
