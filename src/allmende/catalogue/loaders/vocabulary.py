"""Words by which columns are known, in German and English, as `assumption.tokens` takes headings apart."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TIMES = _words(
    "time date datetime timestamp ts datum zeit uhrzeit zeitpunkt zeitstempel messzeit messdatum messzeitpunkt tag day "
    "stunde phenomenontime resulttime utc mez recorded measured"
)
IDS = _words(
    "id ids gid oid uid nr no num nummer number station stations stationsnummer sensor device deveui eui gerät geraet "
    "standort ort place platz name code key kennung kürzel kuerzel site location thing datastream"
)
PARAMETERS = _words(
    "parameter property quantity variable messgröße messgroesse kenngröße kenngroesse komponente measurement type typ "
    "observedproperty metric"
)
UNITS = _words("unit units einheit uom")
LABELS = _words("name bezeichnung label title titel standort ort place")
LONGITUDES = _words("lon long lng longitude länge laenge längengrad")
LATITUDES = _words("lat latitude breite breitengrad")
