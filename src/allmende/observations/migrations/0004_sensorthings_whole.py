import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("observations", "0003_fill_sensorthings")]

    operations = [
        migrations.RemoveField("sensor", "metadata_text"),
        migrations.AlterField(
            model_name="location",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
        migrations.AlterField(
            model_name="sensor",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
        migrations.AlterField(
            model_name="featureofinterest",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.dataset"
            ),
        ),
    ]
