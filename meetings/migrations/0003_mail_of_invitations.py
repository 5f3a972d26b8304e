import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import config.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0002_rooms_rights_invitations_and_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InvitationMail",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=config.lib.ids.new_id, editable=False, max_length=24, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("parked", "Parked")],
                        default="queued",
                        editable=False,
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="attempts"),
                ),
                (
                    "not_before",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="not before"
                    ),
                ),
                ("rung_at", models.DateTimeField(editable=False, null=True, verbose_name="last rung for")),
                (
                    "lease",
                    models.CharField(blank=True, default="", editable=False, max_length=32, verbose_name="lease"),
                ),
                ("lease_until", models.DateTimeField(editable=False, null=True, verbose_name="leased until")),
                ("heartbeat_at", models.DateTimeField(editable=False, null=True, verbose_name="last heartbeat")),
                ("progress", models.FloatField(default=0, editable=False, verbose_name="progress")),
                (
                    "seconds_left",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="seconds left"),
                ),
                (
                    "error_code",
                    models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="error code"),
                ),
                (
                    "error_message",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=500, verbose_name="error message"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("started_at", models.DateTimeField(editable=False, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="finished")),
                ("meeting_id", models.CharField(max_length=24, verbose_name="meeting")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invited", "Invitation"),
                            ("changed", "Change"),
                            ("removed", "No longer invited"),
                            ("off", "Called off"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("sequence", models.PositiveIntegerField(verbose_name="sequence")),
                ("content", models.JSONField(default=dict, editable=False)),
            ],
            options={
                "verbose_name": "invitation mail",
                "verbose_name_plural": "invitation mails",
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="invitationmail",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=["not_before"],
                name="invitationmail_due",
            ),
        ),
        migrations.AddIndex(
            model_name="invitationmail",
            index=models.Index(fields=["meeting_id", "email"], name="invitation_mail_of"),
        ),
        migrations.RemoveConstraint(model_name="accessgrant", name="access_grant_once"),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.UniqueConstraint(fields=("meeting", "user", "is_cohost"), name="access_grant_once"),
        ),
    ]
