"""Bilingual pages for people. They decide nothing: what they show, the rooms below said."""
