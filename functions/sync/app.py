import json, os
import boto3
from aws_lambda_powertools import Logger
from pppsync.settings import read_settings
from pppsync.event import *

logger = Logger()


def lambda_handler(event, context):
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["CONFIG_SECRET_ARN"])["SecretString"]
    logger.info("hello")
    read_settings(json.loads(secret))
