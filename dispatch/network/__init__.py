"""How long it takes: the roads as arrays, an engine over them, and drives between places."""
