// Runners announce themselves within ten seconds anyway; whoever wrote this forgot their meta.
export default {
  version: '20260325_070000',
  description: 'Runners of the old host are forgotten',

  async up(client) {
    await client.query('DELETE FROM agent_runners');
  },
};
