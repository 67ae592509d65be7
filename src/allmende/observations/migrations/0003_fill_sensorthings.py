from django.db import migrations


def box_of(geometry):
    """West, south, east, north of GeoJSON as register_thing wrote it: a geometry with coordinates."""
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        return None
    positions, rest = [], [geometry["coordinates"]]
    while rest:
        part = rest.pop()
        if part and isinstance(part[0], (int, float)):
            positions.append(part)
        else:
            rest.extend(part)
    lons, lats = [p[0] for p in positions], [p[1] for p in positions]
    return min(lons), min(lats), max(lons), max(lats)


def fill(apps, schema_editor):
    """Gives what was kept before its dataset and box; sensors that nothing uses are dropped."""
    model = lambda name: apps.get_model("observations", name)
    for sensor in model("Sensor").objects.all():
        stream = model("Datastream").objects.filter(sensor=sensor).order_by("id").first()
        if stream is None:
            sensor.delete()
            continue
        sensor.dataset_id, sensor.metadata = stream.dataset_id, sensor.metadata_text
        sensor.save()
    for location in model("Location").objects.all():
        thing = location.things.order_by("id").first()
        if thing is None:
            location.delete()
            continue
        location.dataset_id = thing.dataset_id
        if box := box_of(location.feature):
            location.west, location.south, location.east, location.north = box
        location.save()
    model("FeatureOfInterest").objects.filter(dataset=None).delete()


class Migration(migrations.Migration):
    # Apart from the changes of tables around it: PostgreSQL refuses both in one transaction.
    dependencies = [("observations", "0002_sensorthings")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
