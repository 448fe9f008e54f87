"""Loyalty points, tiers, promo codes and automatic discounts."""
