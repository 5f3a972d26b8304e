import django.core.validators
import django.db.models.fields.json
from django.db import migrations, models

import accounts.countries


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_rate_limits_of_a_user"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="username_changed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="username chosen"),
        ),
        migrations.AlterField(
            model_name="user",
            name="country",
            field=models.CharField(
                blank=True,
                max_length=60,
                validators=[accounts.countries.validate_country],
                verbose_name="country",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="username",
            field=models.CharField(
                help_text="Lower-case letters, digits, dot, underscore and hyphen.",
                max_length=64,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[a-z0-9._-]+\\Z", "Use lower-case letters, digits, dot, underscore and hyphen only."
                    )
                ],
                verbose_name="username",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("userId", "resource"),
                models.OrderBy(models.F("at"), descending=True),
                name="audit_event_by_owner",
            ),
        ),
    ]
