"""What somebody decided about findings: settings, comments, baselines, and who answers for one."""
