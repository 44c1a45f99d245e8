"""Goods on their way from one store to another: two movements under the number of one paper."""
