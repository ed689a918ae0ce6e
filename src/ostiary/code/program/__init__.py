"""The program that the Python files of modules make."""

from ostiary.code.program.declared import Declared, DeclaredMethod, DeclaredRoute
from ostiary.code.program.index import CODE, ClassIndex, FileIndex, FunctionIndex, ModuleIndex
from ostiary.code.program.names import Constant, Named
from ostiary.code.program.program import Program
from ostiary.code.program.scan import scan, scan_source
from ostiary.code.program.things import File, Function, PyClass

__all__ = [
    "CODE",
    "ClassIndex",
    "Constant",
    "Declared",
    "DeclaredMethod",
    "DeclaredRoute",
    "File",
    "FileIndex",
    "Function",
    "FunctionIndex",
    "ModuleIndex",
    "Named",
    "Program",
    "PyClass",
    "scan",
    "scan_source",
]
