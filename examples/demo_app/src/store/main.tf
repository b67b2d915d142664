terraform {
  required_version = ">= 1.4"
}

variable "name" { type = string }
variable "pace" {
  type    = number
  default = 1
}
variable "witness" {
  type    = string
  default = ""
}
variable "network" { type = string }
variable "port" { type = number }
variable "secret" {
  type      = string
  default   = ""
  sensitive = true
}

locals {
  # Enough to see that it changed.
  secret_mark = nonsensitive(substr(sha256(var.secret), 0, 12))
}

resource "terraform_data" "volume" {
  triggers_replace = [var.network]
  input = {
    name    = "${var.name}-volume"
    network = var.network
    pace    = var.pace
    witness = var.witness
  }

  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"down $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}

resource "terraform_data" "server" {
  triggers_replace = [local.secret_mark]
  input = {
    name    = "${var.name}-server"
    volume  = terraform_data.volume.id
    secret  = local.secret_mark
    pace    = var.pace
    witness = var.witness
  }

  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "sleep \"$PACE\"; test -z \"$WITNESS\" || echo \"down $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}

output "address" {
  value = "${var.name}.internal:${var.port}"

  depends_on = [terraform_data.server]
}

output "login" {
  value     = "admin:${var.secret}@${var.name}.internal:${var.port}"
  sensitive = true

  depends_on = [terraform_data.server]
}
