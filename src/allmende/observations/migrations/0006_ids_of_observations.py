from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("observations", "0005_care")]

    operations = [
        migrations.AddField(
            model_name="datastream",
            name="ids_upto",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
