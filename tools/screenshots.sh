#!/usr/bin/env bash
# Takes docs/img/cookbook.png anew: a page of the cookbook, computed by LibreOffice with the extension.
# Usage: tools/screenshots.sh [HEADING OF A SHEET]. Needs LibreOffice and poppler (tools/setup.sh programs).
# docs/img/calc_menu.png was taken by hand: Calc on Xvfb with the menu open, `import -window root`.
set -euo pipefail
cd "$(dirname "$0")/.."

BIN=${VENV:-.venv}/bin
HEADING=${1:-Speed of collection}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RECEIVABLES_HOST_FILE="$work/host/host.toml"

"$BIN/receivables" calc install --profile "$work/profile"
"$BIN/python" -m workbooks.cookbook "$work/cookbook.xlsx"
soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work" "$work/cookbook.xlsx" ||
    soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work" "$work/cookbook.xlsx"

pages=$(pdfinfo "$work/cookbook.pdf" | sed -n 's/^Pages: *//p')
for page in $(seq 1 "$pages"); do
    if pdftotext -f "$page" -l "$page" "$work/cookbook.pdf" - | grep -q "^$HEADING ·"; then
        pdftoppm -r 120 -f "$page" -l "$page" -x 60 -y 78 -W 1290 -H 640 -singlefile -png "$work/cookbook.pdf" "$work/page"
        cp "$work/page.png" docs/img/cookbook.png
        ls -l docs/img/cookbook.png
        exit
    fi
done
echo "screenshots: no page has the heading $HEADING" >&2
exit 1
