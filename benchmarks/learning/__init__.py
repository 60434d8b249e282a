"""Simulations of learning: is readiness calibrated, is weakness told rightly, does the choice of items help?"""
