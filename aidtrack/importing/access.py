"""Who may bring anything in at all; each layout asks for its own permission besides."""

from aidtrack.kernel.actor import Permission

ANY_LAYOUT = (Permission.CATALOGUE_MANAGE, Permission.HOUSEHOLD_WRITE, Permission.STOCK_RECEIVE)
