# SPDX-License-Identifier: BSD-2-Clause
# Turns the Debian stanzas of a deb822 apt source file into templates for another suite, one file each, named by `prefix`.

function finish_stanza(file) {
	if (debian && main && enabled) {
		file = prefix (++count) ".sources"
		printf "Types: @TYPE@\nSuites: @SUITE@\nComponents: main\nArchitectures: @ARCH@\nTargets: @TARGET@\n%s", kept >file
		close(file)
	}
	debian = main = drop = 0
	enabled = 1
	kept = ""
}

BEGIN { enabled = 1 }
/^#/ { next }
/^[ \t]*$/ { finish_stanza(); next }
/^[ \t]/ {
	if (!drop)
		kept = kept $0 "\n"
	next
}
{
	name = tolower($1)
	drop = name ~ /^(types|suites|components|architectures|targets|languages|enabled|x-repolib-name):/
	if (!drop)
		kept = kept $0 "\n"
	for (i = 2; i <= NF; i++) {
		if (name == "suites:" && $i ~ /^(stable|oldstable|oldoldstable|testing|unstable|sid|bookworm|trixie|forky|duke)$/)
			debian = 1
		if (name == "components:" && $i == "main")
			main = 1
		if (name == "uris:" && $i ~ /^cdrom:/)
			enabled = 0
	}
	if (name == "enabled:" && tolower($2) ~ /^(no|false|0|off|without|disable)$/)
		enabled = 0
}
END { finish_stanza() }
