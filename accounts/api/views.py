"""The account calls of REST: parse, call one action, answer."""

from rest_framework import status
from rest_framework.decorators import api_view, authentication_classes, permission_classes, throttle_classes
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.authentication import AccessTokenAuthentication, PageSessionAuthentication
from accounts.api.requests import body_of, person_of, session_of
from accounts.api.serializers import (
    LoginSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegisterSerializer,
    profile,
    registered_user,
    signed_in_user,
    token_pair,
)
from accounts.api.throttling import rated
from accounts.clients import client_of
from accounts.exceptions import InvalidFields
from config.lib.answers import success

EITHER = [AccessTokenAuthentication, PageSessionAuthentication]


@api_view(["POST"])
@authentication_classes([AccessTokenAuthentication])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_REGISTER"))
def register(request: Request) -> Response:
    body = body_of(RegisterSerializer, request)
    try:
        user = actions.register(**body.validated_data, client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return success({"user": registered_user(user)}, status=status.HTTP_201_CREATED, message="User created successfully")


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


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def refresh(request: Request) -> Response:
    body = body_of(RefreshSerializer, request)
    pair = actions.refresh_session(token=body.validated_data["token"], client=client_of(request))
    return success(token_pair(pair), message="Token refreshed successfully")


@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def logout(request: Request) -> Response:
    body = body_of(RefreshSerializer, request)
    actions.sign_out(refresh_token=body.validated_data["token"], by=person_of(request), client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["GET", "PATCH"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
def me(request: Request) -> Response:
    if request.method == "GET":
        return success({"user": profile(person_of(request))}, message="User retrieved successfully")
    body = body_of(ProfileSerializer, request)
    try:
        user = actions.update_profile(values=body.validated_data, by=person_of(request), client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return success({"user": profile(user)}, message="User updated successfully")


@api_view(["POST"])
@authentication_classes(EITHER)
@permission_classes([IsAuthenticated])
@throttle_classes(rated("RATE_LOGIN"))
def change_password(request: Request) -> Response:
    body = body_of(PasswordChangeSerializer, request)
    try:
        actions.change_password(
            **body.validated_data, by=person_of(request), client=client_of(request), keep=session_of(request)
        )
    except InvalidFields as error:
        raise body.renamed(error) from error
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_LOGIN", subject="email"))
def request_password_reset(request: Request) -> Response:
    body = body_of(PasswordResetSerializer, request)
    actions.request_password_reset(email=body.validated_data["email"], client=client_of(request))
    return Response(status=status.HTTP_204_NO_CONTENT)


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@throttle_classes(rated("RATE_LOGIN", subject="uid"))
def confirm_password_reset(request: Request) -> Response:
    body = body_of(PasswordResetConfirmSerializer, request)
    try:
        actions.reset_password(**body.validated_data, client=client_of(request))
    except InvalidFields as error:
        raise body.renamed(error) from error
    return Response(status=status.HTTP_204_NO_CONTENT)
