from . import school_papers
