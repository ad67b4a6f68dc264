"""Assess: what a customer is worth trusting with."""
