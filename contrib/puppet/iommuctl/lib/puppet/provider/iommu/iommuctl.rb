# SPDX-License-Identifier: LGPL-2.1-or-later
require 'json'

Puppet::Type.type(:iommu).provide(:iommuctl) do
  desc 'iommuctl, by its JSON.'

  COMMANDS = { enabled: 'enable', disabled: 'disable' }.freeze
  DOCUMENT_VERSION = 1

  def ensure
    @ensure ||= :unknown
  end

  # In a noop run nothing but this is called, and --check writes nothing.
  def in_sync?(state)
    @planned = run(state, ['--check'])
    !@planned['changed']
  end

  def summary
    @planned ? @planned['files'].map { |file| "#{file['change']} #{file['path']}" }.join(', ') : ''
  end

  def ensure=(state)
    done = run(state, [])
    done['remarks'].each do |remark|
      Puppet.warning("iommuctl: #{remark['text']}") if remark['level'] == 'warning'
    end
  end

  private

  def options
    words = ['--vendor', resource[:vendor].to_s, '--kernel', resource[:kernel]]
    [:if_needed, :iommu_pt, :boot_in_root].each do |name|
      words << "--#{name.to_s.tr('_', '-')}" if resource[name] == :true
    end
    [:root, :platform].each { |name| words.push("--#{name}", resource[name]) if resource[name] }
    words << '--if-supported' if resource[:unsupported] == :ignore
    words
  end

  # What the program says in JSON; its own sentence where it failed.
  def run(state, extra)
    command = [resource[:executable], '--json', COMMANDS[state.to_sym]] + options + extra
    # It has to be told apart from a program that could not be started at all.
    output = Puppet::Util::Execution.execute(command, failonfail: false, combine: false,
                                                      override_locale: true)
    document = parse(output)
    unless output.exitstatus.zero?
      error = document['error']
      place = [error['file'], error['line']].compact.join(':')
      raise Puppet::Error, [place, error['message']].reject(&:empty?).join(': ')
    end
    document
  end

  def parse(output)
    document = JSON.parse(output.to_s)
    return document if document.is_a?(Hash) && document['version'] == DOCUMENT_VERSION

    raise Puppet::Error, "iommuctl printed a document of another version than #{DOCUMENT_VERSION}"
  rescue JSON::ParserError
    raise Puppet::Error, "iommuctl printed no JSON document (exit #{output.exitstatus})"
  end
end
