# SPDX-License-Identifier: Apache-2.0
# For the checks: C without its comments, and with its strings emptied. Call code_of() with each line of a
# file in order, and lex_begin() at the first.

function lex_begin()
{
	lex_in_comment = 0
}

function code_of(line,    out, c, rest)
{
	out = ""
	while (line != "") {
		if (lex_in_comment) {
			c = index(line, "*/")
			if (!c)
				return out
			lex_in_comment = 0
			line = substr(line, c + 2)
			out = out " "
			continue
		}
		if (!match(line, /["'\/]/))
			return out line
		out = out substr(line, 1, RSTART - 1)
		c = substr(line, RSTART, 1)
		rest = substr(line, RSTART + 1)
		if (c == "/" && rest ~ /^\*/) {
			lex_in_comment = 1
			line = substr(rest, 2)
		} else if (c == "/" && rest ~ /^\//) {
			return out
		} else if (c == "/") {
			out = out c
			line = rest
		} else {
			if (c == "\"")
				match(rest, /^([^"\\]|\\.)*"/)
			else
				match(rest, /^([^'\\]|\\.)*'/)
			if (RSTART == 0)
				return out
			out = out c c
			line = substr(rest, RLENGTH + 1)
		}
	}
	return out
}
