# SPDX-License-Identifier: BSD-2-Clause
# Turns the Debian lines of a one-line apt source list into templates for another suite, one file each, named by `prefix`.

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
	debian = field[2] ~ /^(stable|oldstable|oldoldstable|testing|unstable|sid|bookworm|trixie|forky|duke)$/
	main = 0
	for (i = 3; i <= fields; i++)
		if (field[i] == "main")
			main = 1
	if (!debian || !main || field[1] ~ /^cdrom:/ || seen[options field[1]]++)
		next
	file = prefix (++count) ".list"
	printf "@TYPE@ [%s arch=@ARCH@ target=@TARGET@] %s @SUITE@ main\n", options, field[1] >file
	close(file)
}
