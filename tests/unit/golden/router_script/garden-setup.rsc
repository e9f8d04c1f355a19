# Makes the walled garden of router tower-1 for unms-ros-sync. For RouterOS 7, and 6.49.
# Test it with one customer first.

# --- Before anything is changed: whom it would restrict, and whether anybody could pay
:if ([:len [/ppp profile find where name="30mbps"]] = 0) do={
  :error ("there is no profile " \
      . "30mbps" \
      . ": suspended customers could get no addresses. Correct --like. Nothing was changed.")
}
:foreach one in=[/ppp profile find where name="suspended"] do={
  :if ([:tostr [/ppp profile get $one comment]] != "unms-ros-garden") do={
    :error ("the profile " \
        . "suspended" \
        . " was not made by this script: rename it, or choose another --profile. Nothing was changed.")
  }
}
:foreach one in=[/ppp profile find where address-list="suspended" and name!="suspended"] do={
  :error ("the profile " \
      . [/ppp profile get $one name] \
      . " has the address list suspended too: choose another --list. Nothing was changed.")
}
:if ([:len [/interface pppoe-server server find where default-profile="suspended"]] > 0) do={
  :error ("a PPPoE server has this --profile as its default-profile: all others would take its list over. Nothing was changed.")
}
:foreach one in=[/ip firewall address-list find where list="suspended" and dynamic=no] do={
  :error ("the list suspended holds " \
      . [:tostr [/ip firewall address-list get $one address]] \
      . ", which no session put there: remove it, or choose another --list. Nothing was changed.")
}
:foreach one in=[/ip firewall filter find where src-address-list="suspended"] do={
  :local known [:typeof [:find [:tostr [/ip firewall filter get $one comment]] "unms-ros-garden"]]
  :if ($known != "num") do={
    :error ("a rule of /ip firewall filter uses the list suspended already: remove it, or choose another --list. Nothing was changed.")
  }
}
:foreach one in=[/ip firewall nat find where src-address-list="suspended"] do={
  :local known [:typeof [:find [:tostr [/ip firewall nat get $one comment]] "unms-ros-garden"]]
  :if ($known != "num") do={
    :error ("a rule of /ip firewall nat uses the list suspended already: remove it, or choose another --list. Nothing was changed.")
  }
}
:do {
  :local found [:resolve "crm.example.com"]
} on-error={
  :error "the router cannot resolve crm.example.com: correct --allow, or give the router a DNS server \28/ip dns\29. Nothing was changed."
}
:do {
  :local found [:resolve "pay.example.com"]
} on-error={
  :error "the router cannot resolve pay.example.com: correct --allow, or give the router a DNS server \28/ip dns\29. Nothing was changed."
}

# --- Hosts that stay reachable; RouterOS asks DNS for a name again when its time is up
:if ([:len [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden crm.example.com"]] = 0) do={
  /ip firewall address-list add list="suspended-allowed" address="crm.example.com" \
      comment="unms-ros-garden crm.example.com"
} else={
  /ip firewall address-list set \
      [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden crm.example.com"] \
      disabled=no
}
:if ([:len [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden pay.example.com"]] = 0) do={
  /ip firewall address-list add list="suspended-allowed" address="pay.example.com" \
      comment="unms-ros-garden pay.example.com"
} else={
  /ip firewall address-list set \
      [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden pay.example.com"] \
      disabled=no
}
:if ([:len [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden 192.0.2.10"]] = 0) do={
  /ip firewall address-list add list="suspended-allowed" address="192.0.2.10" \
      comment="unms-ros-garden 192.0.2.10"
} else={
  /ip firewall address-list set \
      [/ip firewall address-list find where list="suspended-allowed" and comment="unms-ros-garden 192.0.2.10"] \
      disabled=no
}
:if ([:len [/ip firewall address-list find where list="suspended-dns" and comment="unms-ros-garden 10.0.0.53"]] = 0) do={
  /ip firewall address-list add list="suspended-dns" address="10.0.0.53" \
      comment="unms-ros-garden 10.0.0.53"
} else={
  /ip firewall address-list set \
      [/ip firewall address-list find where list="suspended-dns" and comment="unms-ros-garden 10.0.0.53"] \
      disabled=no
}

# --- What a suspended customer sends: questions to DNS, and to these hosts
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-from all else"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-from and comment="unms-ros-garden-from all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-from action=reject reject-with=icmp-admin-prohibited \
        comment="unms-ros-garden-from all else" place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-from action=reject reject-with=icmp-admin-prohibited \
        comment="unms-ros-garden-from all else"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-from all else"] \
      chain=unms-ros-garden-from action=reject reject-with=icmp-admin-prohibited disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-from udp"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-from and comment="unms-ros-garden-from all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-from action=accept protocol=udp dst-port=53 \
        dst-address-list="suspended-dns" comment="unms-ros-garden-from udp" \
        place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-from action=accept protocol=udp dst-port=53 \
        dst-address-list="suspended-dns" comment="unms-ros-garden-from udp"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-from udp"] \
      chain=unms-ros-garden-from action=accept protocol=udp dst-port=53 \
      dst-address-list="suspended-dns" disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-from tcp"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-from and comment="unms-ros-garden-from all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-from action=accept protocol=tcp dst-port=53 \
        dst-address-list="suspended-dns" comment="unms-ros-garden-from tcp" \
        place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-from action=accept protocol=tcp dst-port=53 \
        dst-address-list="suspended-dns" comment="unms-ros-garden-from tcp"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-from tcp"] \
      chain=unms-ros-garden-from action=accept protocol=tcp dst-port=53 \
      dst-address-list="suspended-dns" disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-from hosts"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-from and comment="unms-ros-garden-from all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-from action=accept \
        dst-address-list="suspended-allowed" comment="unms-ros-garden-from hosts" \
        place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-from action=accept \
        dst-address-list="suspended-allowed" comment="unms-ros-garden-from hosts"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-from hosts"] \
      chain=unms-ros-garden-from action=accept dst-address-list="suspended-allowed" disabled=no
}

# --- What is sent to a suspended customer: their answers
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-to all else"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-to and comment="unms-ros-garden-to all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-to action=drop comment="unms-ros-garden-to all else" \
        place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-to action=drop comment="unms-ros-garden-to all else"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-to all else"] \
      chain=unms-ros-garden-to action=drop disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-to udp"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-to and comment="unms-ros-garden-to all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-to action=accept protocol=udp src-port=53 \
        src-address-list="suspended-dns" connection-state=established,related \
        comment="unms-ros-garden-to udp" place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-to action=accept protocol=udp src-port=53 \
        src-address-list="suspended-dns" connection-state=established,related \
        comment="unms-ros-garden-to udp"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-to udp"] \
      chain=unms-ros-garden-to action=accept protocol=udp src-port=53 src-address-list="suspended-dns" \
      connection-state=established,related disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-to tcp"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-to and comment="unms-ros-garden-to all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-to action=accept protocol=tcp src-port=53 \
        src-address-list="suspended-dns" connection-state=established,related \
        comment="unms-ros-garden-to tcp" place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-to action=accept protocol=tcp src-port=53 \
        src-address-list="suspended-dns" connection-state=established,related \
        comment="unms-ros-garden-to tcp"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-to tcp"] \
      chain=unms-ros-garden-to action=accept protocol=tcp src-port=53 src-address-list="suspended-dns" \
      connection-state=established,related disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-to hosts"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=unms-ros-garden-to and comment="unms-ros-garden-to all else"]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=unms-ros-garden-to action=accept src-address-list="suspended-allowed" \
        connection-state=established,related comment="unms-ros-garden-to hosts" \
        place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=unms-ros-garden-to action=accept src-address-list="suspended-allowed" \
        connection-state=established,related comment="unms-ros-garden-to hosts"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-to hosts"] \
      chain=unms-ros-garden-to action=accept src-address-list="suspended-allowed" \
      connection-state=established,related disabled=no
}

# --- Both first in forward, before all that accepts and tracks fast
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-to"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=forward]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=forward action=jump jump-target=unms-ros-garden-to \
        dst-address-list="suspended" comment="unms-ros-garden-to" place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=forward action=jump jump-target=unms-ros-garden-to \
        dst-address-list="suspended" comment="unms-ros-garden-to"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-to"] chain=forward \
      action=jump jump-target=unms-ros-garden-to dst-address-list="suspended" disabled=no
}
:if ([:len [/ip firewall filter find where comment="unms-ros-garden-from"]] = 0) do={
  :local rules [/ip firewall filter find where dynamic=no and chain=forward]
  :if ([:len $rules] > 0) do={
    /ip firewall filter add chain=forward action=jump jump-target=unms-ros-garden-from \
        src-address-list="suspended" comment="unms-ros-garden-from" place-before=[:pick $rules 0]
  } else={
    /ip firewall filter add chain=forward action=jump jump-target=unms-ros-garden-from \
        src-address-list="suspended" comment="unms-ros-garden-from"
  }
} else={
  /ip firewall filter set [/ip firewall filter find where comment="unms-ros-garden-from"] \
      chain=forward action=jump jump-target=unms-ros-garden-from src-address-list="suspended" \
      disabled=no
}

# --- Plain HTTP is led to the payment page
:if ([:len [/ip firewall nat find where comment="unms-ros-garden page"]] = 0) do={
  :local rules [/ip firewall nat find where dynamic=no and chain=dstnat]
  :if ([:len $rules] > 0) do={
    /ip firewall nat add chain=dstnat action=dst-nat protocol=tcp dst-port=80 \
        src-address-list="suspended" dst-address-list="\21suspended-allowed" to-addresses=192.0.2.10 \
        to-ports=8080 comment="unms-ros-garden page" place-before=[:pick $rules 0]
  } else={
    /ip firewall nat add chain=dstnat action=dst-nat protocol=tcp dst-port=80 \
        src-address-list="suspended" dst-address-list="\21suspended-allowed" to-addresses=192.0.2.10 \
        to-ports=8080 comment="unms-ros-garden page"
  }
} else={
  /ip firewall nat set [/ip firewall nat find where comment="unms-ros-garden page"] chain=dstnat \
      action=dst-nat protocol=tcp dst-port=80 src-address-list="suspended" \
      dst-address-list="\21suspended-allowed" to-addresses=192.0.2.10 to-ports=8080 disabled=no
}

# --- Look once more whether nothing stands above
:do {
  :local ours 0
  :foreach rule in=[/ip firewall filter find where chain=forward and dynamic=no and disabled=no] do={
    :local mark [:tostr [/ip firewall filter get $rule comment]]
    :if (($mark = "unms-ros-garden-from") or ($mark = "unms-ros-garden-to")) do={
      :set ours ($ours + 1)
    }
    :local synced [:typeof [:find $mark "unms-ros-sync"]]
    :if ((($ours < 2) and ($synced != "num")) \
        and (([:tostr [/ip firewall filter get $rule action]] = "accept") or ([:tostr [/ip firewall filter get $rule action]] = "fasttrack-connection"))) do={
      :error ("a rule of forward stands above those of the garden and lets suspended customers through: " \
          . $mark \
          . ". Move the rules unms-ros-garden-from and unms-ros-garden-to above it and import this file again.")
    }
  }
}

# --- The profile, last: as long as it is missing the sync disables suspended logins
:if ([:len [/ppp profile find where name="suspended"]] = 0) do={
  /ppp profile add copy-from=[:pick [/ppp profile find where name="30mbps"] 0] name="suspended" \
      address-list="suspended" use-ipv6=no on-up="" on-down="" comment="unms-ros-garden"
} else={
  /ppp profile set [/ppp profile find where name="suspended"] address-list="suspended" use-ipv6=no
}

# --- Done
:put "The garden stands: address list suspended, 3 hosts."
:put "Now give the profile to the secret of one customer, drop his session, and try to pay."
