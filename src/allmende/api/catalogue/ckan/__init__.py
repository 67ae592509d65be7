"""The catalogue in the manner of CKAN's action API, so that harvesters and clients made for CKAN can read it."""
