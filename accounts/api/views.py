"""The account calls of REST: parse, call one action, answer."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, authentication_classes, permission_classes, throttle_classes
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api import examples
from accounts.api.authentication import AccessTokenAuthentication, PageSessionAuthentication
from accounts.api.requests import body_of, person_of, session_of
from accounts.api.serializers import (
    LoginSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    Profile,
    ProfileSerializer,
    RefreshSerializer,
    RegisteredUser,
    RegisterSerializer,
    SignIn,
    Tokens,
    profile,
    registered_user,
    signed_in_user,
    token_pair,
)
from accounts.api.throttling import rated
from accounts.clients import client_of
from accounts.exceptions import InvalidFields
from config.lib.answers import success
from config.lib.schema import answer, body, nothing, refusals

EITHER = [AccessTokenAuthentication, PageSessionAuthentication]


@extend_schema(
    operation_id="register",
    tags=["accounts"],
    summary="Make an account",
    description="Open to anybody unless the server keeps registration closed. An access token that is sent along has "
    "to be a valid one.",
    request=RegisterSerializer,
    examples=[body("register", examples.REGISTER)],
    responses={
        201: answer({"user": RegisteredUser}, {"user": examples.REGISTERED}, message="User created successfully"),
        **refusals(403, 409),
    },
)
@api_view(["POST"])
@authentication_classes([AccessTokenAuthentication])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_REGISTER"))
def register(request: Request) -> Response:
    body = body_of(RegisterSerializer, request)
    with body.renaming(InvalidFields):
        user = actions.register(**body.validated_data, client=client_of(request))
    return success({"user": registered_user(user)}, status=status.HTTP_201_CREATED, message="User created successfully")


@extend_schema(
    operation_id="login",
    tags=["accounts"],
    summary="Sign in with e-mail or username",
    description='Access tokens last twelve hours; those of a `"session": "short"` fifteen minutes.',
    request=LoginSerializer,
    examples=[body("login", examples.LOGIN)],
    responses={
        200: answer(SignIn, {**examples.TOKENS, "user": examples.SIGNED_IN}, message="User logged in successfully"),
        **refusals(),
    },
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_LOGIN", subject="userName"))
def login(request: Request) -> Response:
    body = body_of(LoginSerializer, request).validated_data
    client = client_of(request)
    user = actions.check_credentials(name=body["name"], password=body["password"], client=client)
    pair = actions.start_session(by=user, kind=body["kind"], client=client)
    return success({**token_pair(pair), "user": signed_in_user(user)}, message="User logged in successfully")


@extend_schema(
    operation_id="refreshTokens",
    tags=["accounts"],
    summary="Exchange a refresh token for the next pair",
    description="A refresh token works once; when it comes back later, its whole family ends.",
    request=RefreshSerializer,
    examples=[body("refresh", examples.REFRESH)],
    responses={200: answer(Tokens, examples.TOKENS, message="Token refreshed successfully"), **refusals()},
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def refresh(request: Request) -> Response:
    body = body_of(RefreshSerializer, request)
    pair = actions.refresh_session(token=body.validated_data["token"], client=client_of(request))
    return success(token_pair(pair), message="Token refreshed successfully")


@extend_schema(
    operation_id="logout",
    tags=["accounts"],
    summary="End the sign-in of a refresh token",
    request=RefreshSerializer,
    examples=[body("logout", examples.REFRESH)],
    responses={204: nothing(), **refusals(403)},
)
@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def logout(request: Request) -> Response:
    body = body_of(RefreshSerializer, request)
    actions.sign_out(refresh_token=body.validated_data["token"], by=person_of(request), client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(
    methods=["GET"],
    operation_id="getProfile",
    tags=["accounts"],
    summary="Who I am",
    responses={
        200: answer({"user": Profile}, {"user": examples.PROFILE}, message="User retrieved successfully"),
        **refusals(),
    },
)
@extend_schema(
    methods=["PATCH"],
    operation_id="updateProfile",
    tags=["accounts"],
    summary="Change my names, phone number, country or language, and once my username",
    request=ProfileSerializer,
    examples=[body("profile", examples.PROFILE_CHANGES)],
    responses={
        200: answer({"user": Profile}, {"user": examples.PROFILE}, message="User updated successfully"),
        **refusals(403, 409),
    },
)
@api_view(["GET", "PATCH"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def me(request: Request) -> Response:
    if request.method == "GET":
        return success({"user": profile(person_of(request))}, message="User retrieved successfully")
    body = body_of(ProfileSerializer, request)
    with body.renaming(InvalidFields):
        user = actions.update_profile(values=body.validated_data, by=person_of(request), client=client_of(request))
    return success({"user": profile(user)}, message="User updated successfully")


@extend_schema(
    operation_id="changePassword",
    tags=["accounts"],
    summary="Change my password, and end every other sign-in",
    request=PasswordChangeSerializer,
    examples=[body("change", examples.PASSWORD_CHANGE)],
    responses={204: nothing(), **refusals(403)},
)
@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
@throttle_classes(rated("RATE_LOGIN"))
def change_password(request: Request) -> Response:
    body = body_of(PasswordChangeSerializer, request)
    with body.renaming(InvalidFields):
        actions.change_password(
            **body.validated_data, by=person_of(request), client=client_of(request), keep=session_of(request)
        )
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(
    operation_id="requestPasswordReset",
    tags=["accounts"],
    summary="Have a link mailed that sets a new password",
    description="The answer does not tell whether there is such an account.",
    request=PasswordResetSerializer,
    examples=[body("reset", examples.RESET)],
    responses={204: nothing(), **refusals(403)},
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_LOGIN", subject="email"))
def request_password_reset(request: Request) -> Response:
    body = body_of(PasswordResetSerializer, request)
    actions.request_password_reset(email=body.validated_data["email"], client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(
    operation_id="confirmPasswordReset",
    tags=["accounts"],
    summary="Set a new password with the words of a mailed link",
    request=PasswordResetConfirmSerializer,
    examples=[body("confirm", examples.RESET_CONFIRM)],
    responses={204: nothing(), **refusals(403)},
)
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_LOGIN", subject="uid"))
def confirm_password_reset(request: Request) -> Response:
    body = body_of(PasswordResetConfirmSerializer, request)
    with body.renaming(InvalidFields):
        actions.reset_password(**body.validated_data, client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)
