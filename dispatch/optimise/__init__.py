"""Who should go: problem, solver, checker, on arrays alone."""
