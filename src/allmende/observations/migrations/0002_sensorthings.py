import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_recipe"),
        ("observations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Component",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("observation_type", models.CharField(max_length=200)),
                ("unit_of_measurement", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["datastream", "position"],
            },
        ),
        migrations.AlterModelOptions(
            name="featureofinterest",
            options={"ordering": ["id"]},
        ),
        migrations.AlterModelOptions(
            name="historicallocation",
            options={"ordering": ["id"]},
        ),
        migrations.AlterModelOptions(
            name="location",
            options={"ordering": ["id"]},
        ),
        migrations.AlterModelOptions(
            name="observedproperty",
            options={"ordering": ["id"]},
        ),
        migrations.AlterModelOptions(
            name="sensor",
            options={"ordering": ["id"]},
        ),
        migrations.AddField(
            model_name="datastream",
            name="east",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="feature",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="observations.featureofinterest",
            ),
        ),
        migrations.AddField(
            model_name="datastream",
            name="multi",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="datastream",
            name="north",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="phenomenon_begin",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="phenomenon_end",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="result_begin",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="result_end",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="south",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="datastream",
            name="unit_of_measurement",
            field=models.JSONField(
                blank=True, default=dict, help_text="name, symbol and definition as SensorThings shows them"
            ),
        ),
        migrations.AddField(
            model_name="datastream",
            name="west",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="dataset",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="datastreams",
            field=models.ManyToManyField(blank=True, related_name="features", to="observations.datastream"),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="east",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="north",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="south",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="featureofinterest",
            name="west",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="location",
            name="dataset",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="east",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="location",
            name="north",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="location",
            name="own_feature",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="observations.featureofinterest",
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="south",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="location",
            name="west",
            field=models.FloatField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="sensor",
            name="dataset",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
        migrations.AlterField(
            model_name="featureofinterest",
            name="name",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="observedproperty",
            name="definition",
            field=models.TextField(),
        ),
        migrations.RenameField("sensor", "metadata", "metadata_text"),
        migrations.AddField(
            model_name="sensor",
            name="metadata",
            field=models.JSONField(blank=True, default=str, help_text="Any JSON; most often an address or a text"),
        ),
        migrations.AlterField(
            model_name="sensor",
            name="name",
            field=models.TextField(),
        ),
        migrations.AddIndex(
            model_name="featureofinterest",
            index=models.Index(fields=["west", "east"], name="feature_by_box"),
        ),
        migrations.AddIndex(
            model_name="historicallocation",
            index=models.Index(fields=["thing", "time"], name="way_of_a_thing"),
        ),
        migrations.AddIndex(
            model_name="location",
            index=models.Index(fields=["west", "east"], name="location_by_box"),
        ),
        migrations.AddIndex(
            model_name="observedproperty",
            index=models.Index(fields=["definition"], name="property_by_definition"),
        ),
        migrations.AddField(
            model_name="component",
            name="datastream",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="components", to="observations.datastream"
            ),
        ),
        migrations.AddField(
            model_name="component",
            name="observed_property",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="components",
                to="observations.observedproperty",
            ),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.UniqueConstraint(fields=("datastream", "position"), name="component_place_once"),
        ),
    ]
