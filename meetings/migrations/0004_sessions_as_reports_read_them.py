import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Where the copies in attendances come from, and what keeps them: the database refuses others, and follows a change.
KEEP = """
    UPDATE meetings_attendance a SET session_started_at = s.started_at, session_city = s.city, session_is_over = s.is_over
    FROM meetings_session s WHERE s.id = a.session_id;
    ALTER TABLE meetings_attendance ADD CONSTRAINT attendance_knows_its_session
    FOREIGN KEY (session_started_at, session_city, session_is_over, session_id)
    REFERENCES meetings_session (started_at, city, is_over, id) ON UPDATE CASCADE ON DELETE CASCADE
"""
LEAVE = "ALTER TABLE meetings_attendance DROP CONSTRAINT attendance_knows_its_session"


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0003_mail_of_invitations"),
        ("rooms", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={"verbose_name": "session", "verbose_name_plural": "sessions"},
        ),
        migrations.AddField(
            model_name="attendance",
            name="session_city",
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name="attendance",
            name="session_is_over",
            field=models.BooleanField(default=False, editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attendance",
            name="session_started_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="session",
            name="is_over",
            field=models.GeneratedField(
                db_persist=True, expression=models.Q(("ended_at__isnull", False)), output_field=models.BooleanField()
            ),
        ),
        migrations.AlterField(
            model_name="attendance",
            name="person",
            field=models.CharField(db_collation="C", max_length=64),
        ),
        migrations.AlterField(
            model_name="attendance",
            name="session",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendances",
                to="meetings.session",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="city",
            field=models.CharField(blank=True, max_length=100, verbose_name="city"),
        ),
        migrations.AlterField(
            model_name="session",
            name="country_code",
            field=models.CharField(blank=True, max_length=2, verbose_name="country code"),
        ),
        migrations.AlterField(
            model_name="session",
            name="country_name",
            field=models.CharField(blank=True, max_length=100, verbose_name="country"),
        ),
        migrations.AlterField(
            model_name="session",
            name="domain",
            field=models.CharField(blank=True, max_length=253, verbose_name="domain"),
        ),
        migrations.AlterField(
            model_name="session",
            name="ended_at",
            field=models.DateTimeField(null=True, verbose_name="ended"),
        ),
        migrations.AlterField(
            model_name="session",
            name="host",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to=settings.AUTH_USER_MODEL,
                verbose_name="host",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="region",
            field=models.CharField(blank=True, max_length=100, verbose_name="region"),
        ),
        migrations.AlterField(
            model_name="session",
            name="started_at",
            field=models.DateTimeField(verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="session",
            name="type",
            field=models.CharField(
                choices=[
                    ("meeting", "Meeting"),
                    ("conference", "Conference"),
                    ("webinar", "Webinar"),
                    ("live", "Live"),
                ],
                max_length=10,
                verbose_name="type",
            ),
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["session", "person", "session_city"], name="attendance_of_session"),
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(
                condition=models.Q(("session_is_over", True)),
                fields=["session_city", "session_started_at"],
                include=("person", "session"),
                name="attendance_by_city",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["host", "started_at"], name="session_of_host"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                fields=("started_at", "city", "is_over", "id"), name="session_as_attendances_know"
            ),
        ),
        migrations.RunSQL(KEEP, LEAVE),
    ]
