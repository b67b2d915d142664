terraform {
  required_version = ">= 1.4"
}

variable "install_id" { type = string }
variable "domain" { type = string }
variable "region" { type = string }
variable "pace" {
  type    = number
  default = 1
}
variable "witness" {
  type    = string
  default = ""
}

# Two parts, one after the other: time enough to be interrupted between them.
resource "terraform_data" "account" {
  input = {
    name    = "${var.install_id}-account"
    region  = var.region
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

resource "terraform_data" "zone" {
  triggers_replace = [var.domain]
  input = {
    name    = "${var.install_id}-zone"
    zone    = var.domain
    account = terraform_data.account.id
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

output "account" {
  value = { id = terraform_data.account.id, region = var.region }
}

output "zone" {
  value = { id = terraform_data.zone.id, name = var.domain }
}
