"""What plug-ins of the model keep, as test classes to inherit; one file per shelf.

Each class asks for a fixture `name`, the plug-in's short name on its shelf:

    class TestMyBalancer(BalancerContract):
        @pytest.fixture
        def name(self):
            return "mine"
"""
