# Takes back the walled garden of router tower-1 for unms-ros-sync. For RouterOS 7, and 6.49.
# Before the import set suspension to disable in the config secret and let one sync pass.

# --- Before anything is changed: nobody may be suspended by the profile
:if ([:len [/ppp secret find where profile="suspended"]] > 0) do={
  :error ([:len [/ppp secret find where profile="suspended"]] \
      . " secrets have the suspended profile: set suspension to disable in the config secret and let one sync pass. Nothing was changed.")
}
:if ([:len [/ip firewall address-list find where list="suspended" and dynamic=yes]] > 0) do={
  :error ([:len [/ip firewall address-list find where list="suspended" and dynamic=yes]] \
      . " sessions are in the list suspended: set suspension to disable in the config secret and let one sync pass. Nothing was changed.")
}

# --- Profile
/ppp profile remove [/ppp profile find where comment="unms-ros-garden"]

# --- Rules
/ip firewall nat remove [/ip firewall nat find where comment~"^unms-ros-garden"]
/ip firewall filter remove [/ip firewall filter find where comment~"^unms-ros-garden"]

# --- Lists
/ip firewall address-list remove [/ip firewall address-list find where comment~"^unms-ros-garden"]
