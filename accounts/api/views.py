"""The account calls of REST: parse, call one action, answer."""

from typing import Any, TypeVar

from rest_framework import status
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.authentication import AccessTokenAuthentication, PageSessionAuthentication
from accounts.api.serializers import (
    LoginSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegisterSerializer,
    WireSerializer,
    profile,
    registered_user,
    signed_in_user,
    token_pair,
)
from accounts.clients import client_of
from accounts.exceptions import InvalidFields, NotAuthenticated
from accounts.models import LoginSession, User
from config.lib.answers import success

S = TypeVar("S", bound=WireSerializer)

EITHER = [AccessTokenAuthentication, PageSessionAuthentication]


@api_view(["POST"])
@authentication_classes([AccessTokenAuthentication])
@permission_classes([AllowAny])
def register(request: Request) -> Response:
    body = _parsed(RegisterSerializer, request)
    try:
        user = actions.register(**body.validated_data, client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return success({"user": registered_user(user)}, status=status.HTTP_201_CREATED, message="User created successfully")


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def login(request: Request) -> Response:
    body = _parsed(LoginSerializer, request).validated_data
    client = client_of(request)
    user = actions.check_credentials(name=body["name"], password=body["password"], client=client)
    pair = actions.start_session(by=user, kind=body["kind"], client=client)
    return success({**token_pair(pair), "user": signed_in_user(user)}, message="User logged in successfully")


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def refresh(request: Request) -> Response:
    body = _parsed(RefreshSerializer, request)
    pair = actions.refresh_session(token=body.validated_data["token"], client=client_of(request))
    return success(token_pair(pair), message="Token refreshed successfully")


@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def logout(request: Request) -> Response:
    body = _parsed(RefreshSerializer, request)
    actions.sign_out(refresh_token=body.validated_data["token"], by=_person(request), client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["GET", "PATCH"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def me(request: Request) -> Response:
    if request.method == "GET":
        return success({"user": profile(_person(request))}, message="User retrieved successfully")
    body = _parsed(ProfileSerializer, request)
    try:
        user = actions.update_profile(values=body.validated_data, by=_person(request), client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return success({"user": profile(user)}, message="User updated successfully")


@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def change_password(request: Request) -> Response:
    body = _parsed(PasswordChangeSerializer, request)
    try:
        actions.change_password(
            **body.validated_data, by=_person(request), client=client_of(request), keep=_session(request)
        )
    except InvalidFields as error:
        raise body.renamed(error) from error
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def request_password_reset(request: Request) -> Response:
    body = _parsed(PasswordResetSerializer, request)
    actions.request_password_reset(email=body.validated_data["email"], client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def confirm_password_reset(request: Request) -> Response:
    body = _parsed(PasswordResetConfirmSerializer, request)
    try:
        actions.reset_password(**body.validated_data, client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return Response(status=status.HTTP_204_NO_CONTENT)


def _person(request: Request) -> User:
    """Give the caller, whom IsAuthenticated has let in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated("Sign in first.")
    return request.user


def _session(request: Request) -> LoginSession | None:
    """Give the sign-in of the access token; a page's request has none."""
    auth: object = request.auth
    return auth if isinstance(auth, LoginSession) else None


def _parsed(kind: type[S], request: Request) -> S:
    data: Any = request.data
    body = kind(data=data)
    body.is_valid(raise_exception=True)
    return body
