# SPDX-License-Identifier: BSD-2-Clause
# Picks the Debian lines out of a one-line apt source list. For each, prints the line to the file `native`, and, if it
# names a whole suite, a template for other suites to a file of its own, named by `prefix`.

$1 == "deb" || $1 == "deb-src" {
	line = $0
	sub(/#.*/, "", line)
	sub(/^[ \t]*deb(-src)?[ \t]+/, "", line)
	options = ""
	if (line ~ /^\[/) {
		options = substr(line, 2, index(line, "]") - 2)
		sub(/^[^]]*\][ \t]*/, "", line)
		gsub(/(arch|target|lang)[-+]?=[^ \t]*/, "", options)
	}
	fields = split(line, field, /[ \t]+/)
	main = 0
	for (i = 3; i <= fields; i++)
		if (field[i] == "main")
			main = 1
	name = "^(stable|oldstable|oldoldstable|testing|unstable|sid|bookworm|trixie|forky|duke)"
	if (!main || field[1] ~ /^cdrom:/ || field[2] !~ name "(-updates|-security|-backports|/updates)?$")
		next
	if ($1 == "deb")
		print >native
	if (field[2] !~ name "$" || seen[options field[1]]++)
		next
	file = prefix (++count) ".list"
	printf "@TYPE@ [%s arch=@ARCH@ target=@TARGET@] %s @SUITE@ main\n", options, field[1] >file
	close(file)
}
