# SPDX-License-Identifier: BSD-2-Clause
# Picks the Debian stanzas out of a deb822 apt source file. Prints each to the file `native`, and, if it names a whole
# suite, as a template for other suites to a file of its own, named by `prefix`.

function finish_stanza(file) {
	if (main && enabled && (suite || pocket))
		printf "%s\n", stanza >native
	if (main && enabled && suite) {
		file = prefix (++count) ".sources"
		printf "Types: @TYPE@\nSuites: @SUITE@\nComponents: main\nArchitectures: @ARCH@\nTargets: @TARGET@\n%s", kept >file
		close(file)
	}
	suite = pocket = main = drop = 0
	enabled = 1
	kept = stanza = ""
}

BEGIN {
	enabled = 1
	names = "^(stable|oldstable|oldoldstable|testing|unstable|sid|bookworm|trixie|forky|duke)"
}
/^#/ { next }
/^[ \t]*$/ { finish_stanza(); next }
{ stanza = stanza $0 "\n" }
/^[ \t]/ {
	if (!drop)
		kept = kept $0 "\n"
	next
}
{
	key = tolower($1)
	drop = key ~ /^(types|suites|components|architectures|targets|languages|enabled|x-repolib-name):/
	if (!drop)
		kept = kept $0 "\n"
	for (i = 2; i <= NF; i++) {
		if (key == "suites:" && $i ~ names "$")
			suite = 1
		if (key == "suites:" && $i ~ names "(-updates|-security|-backports|/updates)$")
			pocket = 1
		if (key == "components:" && $i == "main")
			main = 1
		if (key == "uris:" && $i ~ /^cdrom:/)
			enabled = 0
	}
	if (key == "enabled:" && tolower($2) ~ /^(no|false|0|off|without|disable)$/)
		enabled = 0
}
END { finish_stanza() }
