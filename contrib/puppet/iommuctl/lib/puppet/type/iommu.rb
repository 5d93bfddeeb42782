# SPDX-License-Identifier: LGPL-2.1-or-later
Puppet::Type.newtype(:iommu) do
  @doc = <<-DOC
    Whether the IOMMU is on from the next boot on. The work is done by iommuctl, which must be
    installed. A change takes effect at the next boot; nothing here reboots.

        iommu { 'host':
          ensure      => enabled,
          if_needed   => true,
          unsupported => ignore,
        }
  DOC

  newproperty(:ensure) do
    desc 'enabled: every entry has the argument. disabled: none has.'
    newvalue(:enabled)
    newvalue(:disabled)
    defaultto :enabled

    # The program alone knows what is missing, so that it is asked what it would change.
    def insync?(_is)
      provider.in_sync?(should)
    end

    def is_to_s(value)
      value.to_s
    end

    def should_to_s(value)
      "#{value} (#{provider.summary})"
    end

    def change_to_s(_current, wanted)
      "#{wanted}: #{provider.summary}"
    end
  end

  newparam(:name, namevar: true) do
    desc 'Any name; with root, one resource for each root.'
  end

  newparam(:vendor) do
    desc 'Which argument; auto leaves it to the firmware tables.'
    newvalues(:auto, :intel, :amd, :both)
    defaultto :auto
  end

  newparam(:unsupported) do
    desc 'What a machine without an IOMMU is: fail or ignore.'
    newvalues(:fail, :ignore)
    defaultto :fail
  end

  { if_needed: 'Leave kernels alone that have the IOMMU on by default.',
    iommu_pt: 'Also add iommu=pt, or take it out with disabled.',
    boot_in_root: 'The directory /boot below root is the real one.' }.each do |option, text|
    newparam(option, boolean: true) do
      desc text
      newvalues(:true, :false)
      defaultto :false
    end
  end

  newparam(:kernel) do
    desc 'Only these entries: ALL, DEFAULT, the path of an image, or a title.'
    defaultto 'ALL'
  end

  newparam(:executable) do
    desc 'The program.'
    defaultto 'iommuctl'
  end

  [:root, :platform].each do |directory|
    newparam(directory) do
      desc "As the option --#{directory} of iommuctl."
      validate do |value|
        raise ArgumentError, "#{directory} is no absolute path: #{value}" unless Puppet::Util.absolute_path?(value)
      end
    end
  end

  validate do
    if self[:ensure] == :disabled && self[:if_needed] == :true
      raise Puppet::Error, 'if_needed does not go with ensure => disabled'
    end
  end

  autorequire(:package) { 'iommuctl' }
end
