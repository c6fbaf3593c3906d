"""Languages of source code by the names of its files."""

from __future__ import annotations

from pathlib import PurePath

_ENDINGS = {
    "Ada": "adb ads",
    "Assembly": "asm s",
    "Batch": "bat cmd",
    "C": "c h",
    "C#": "cs csx",
    "C++": "cc cpp cxx hh hpp hxx ino",
    "Clojure": "clj cljs cljc edn",
    "CMake": "cmake",
    "COBOL": "cbl cob",
    "CSS": "css less sass scss",
    "D": "d",
    "Dart": "dart",
    "Elixir": "ex exs",
    "Elm": "elm",
    "Erlang": "erl hrl",
    "F#": "fs fsi fsx",
    "Fortran": "f f90 f95 for",
    "Go": "go",
    "GraphQL": "graphql gql",
    "Groovy": "groovy gradle",
    "Haskell": "hs lhs",
    "HCL": "hcl tf tfvars",
    "Java": "java",
    "JavaScript": "js cjs mjs jsx",
    "Julia": "jl",
    "Kotlin": "kt kts",
    "Lisp": "el lisp scm rkt",
    "Lua": "lua",
    "Nim": "nim",
    "Nix": "nix",
    "Objective-C": "m mm",
    "OCaml": "ml mli",
    "Pascal": "pas pp",
    "Perl": "pl pm",
    "PHP": "php",
    "PowerShell": "ps1 psd1 psm1",
    "Protocol Buffers": "proto",
    "Python": "py pyi pyw",
    "R": "r",
    "Ruby": "rb rake gemspec",
    "Rust": "rs",
    "Scala": "scala sc",
    "Shell": "sh bash zsh ksh fish",
    "Solidity": "sol",
    "SQL": "sql",
    "Svelte": "svelte",
    "Swift": "swift",
    "Tcl": "tcl",
    "TypeScript": "ts cts mts tsx",
    "Verilog": "v sv",
    "VHDL": "vhd vhdl",
    "Visual Basic": "vb bas vbs",
    "Vue": "vue",
    "Zig": "zig",
    "YAML": "yaml yml",
    "TOML": "toml",
    "INI": "ini cfg conf properties",
    "diff": "diff patch",
}
_LANGUAGE = {f".{ending}": language for language, endings in _ENDINGS.items() for ending in endings.split()}
_WHOLE_NAMES = {
    "cmakelists.txt": "CMake",
    "dockerfile": "Dockerfile",
    "gemfile": "Ruby",
    "jenkinsfile": "Groovy",
    "makefile": "Makefile",
    "gnumakefile": "Makefile",
    "rakefile": "Ruby",
    "vagrantfile": "Ruby",
}
_INTERPRETERS = {
    "bash": "Shell",
    "node": "JavaScript",
    "perl": "Perl",
    "php": "PHP",
    "python": "Python",
    "ruby": "Ruby",
    "sh": "Shell",
    "zsh": "Shell",
}

SOURCE_ENDINGS = tuple(_LANGUAGE)
"""Every ending that names a language, with its dot."""


def language_of(name: str, *, first_line: str = "") -> str:
    """The language of a file by its name, else by a ``#!`` in its first line; empty where neither tells."""
    path = PurePath(name.lower())
    found = _WHOLE_NAMES.get(path.name) or _LANGUAGE.get(path.suffix)
    if found or not first_line.startswith("#!"):
        return found or ""
    words = first_line[2:].split()
    program = PurePath(words[0]).name if words else ""
    if program == "env":
        program = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
    return _INTERPRETERS.get(program.rstrip("0123456789."), "")
