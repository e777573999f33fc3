terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "config" { type = any }
locals { id = var.config.api }
resource "aws_apigatewayv2_route" "this" {
  api_id             = var.config.api
  route_key          = "POST /${var.config.n}"
  authorization_type = var.config.n == 0 ? "NONE" : "AWS_IAM"
}
resource "aws_apigatewayv2_route" "by_local" {
  api_id             = local.id
  route_key          = "PUT /${var.config.n}"
}
